import Glibc
import Orchestration

/// The file that a copy is written to before it gets its name.
struct BackupDraft {
    let path: String
    private let target: String
    private let replaces: Bool
    /// Locked: two backups with one name do not write into one draft.
    private let descriptor: Int32

    /// Makes the draft, empty and for this user alone.
    /// - Throws: ``StoreError/unavailable(_:)`` where a file stands in the way.
    init(of source: String, for target: String, replaces: Bool) throws(StoreError) {
        self.target = target
        self.replaces = replaces
        path = target + ".new"
        try Self.admit(target, of: source, replaces: replaces)
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw Self.failure("\(path) cannot be made") }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            Glibc.close(descriptor)
            throw .unavailable("another backup is writing to \(path)")
        }
        // What a backup that was killed left.
        removeSideFiles()
        guard ftruncate(descriptor, 0) == 0, fchmod(descriptor, 0o600) == 0 else {
            let failure = Self.failure("\(path) cannot be made")
            discard()
            throw failure
        }
    }

    /// Gives the draft its name, once it is on the disk, and is done with it.
    func publish() throws(StoreError) {
        guard fsync(descriptor) == 0 else { throw Self.failure("\(path) cannot be written") }
        if !replaces {
            // Unlike a rename, a link never takes the place of a file that somebody made meanwhile.
            if link(path, target) == 0 {
                syncFolder()
                return discard()
            }
            // Some file systems have no links.
            guard errno != EEXIST, access(target, F_OK) != 0 else { throw Self.exists(target) }
        }
        guard rename(path, target) == 0 else { throw Self.failure("\(path) cannot be renamed to \(target)") }
        syncFolder()
        Glibc.close(descriptor)
    }

    /// Removes the draft, for which there is no use any more.
    func discard() {
        unlink(path)
        removeSideFiles()
        Glibc.close(descriptor)
    }

    static func size(of path: String) throws(StoreError) -> Int64 {
        guard let status = status(of: path) else { throw failure("\(path) cannot be looked at") }
        return Int64(status.st_size)
    }

    private static func admit(_ target: String, of source: String, replaces: Bool) throws(StoreError) {
        guard let original = status(of: source) else { throw failure("\(source) cannot be opened") }
        if let existing = status(of: target) {
            try refuse(existing, target, of: source, original)
        }
        // SQLite would take it for a part of the copy; and whoever has it open still writes to it.
        if let side = sideFiles(of: target).first(where: { status(of: $0) != nil }) {
            throw .unavailable(
                "\(side) is there: \(target) is a database in use, or was not closed; name another file")
        }
        if !replaces, status(of: target) != nil { throw exists(target) }
    }

    private static func refuse(
        _ existing: stat, _ target: String, of source: String, _ original: stat
    ) throws(StoreError) {
        if existing.st_mode & S_IFMT == S_IFDIR { throw .unavailable("\(target) is a folder; name a file") }
        let own = [original] + ["-wal", "-shm"].compactMap { status(of: source + $0) }
        guard !own.contains(where: { $0.st_dev == existing.st_dev && $0.st_ino == existing.st_ino }) else {
            throw .unavailable("\(target) is the database itself; name another file")
        }
    }

    private static func exists(_ target: String) -> StoreError {
        .unavailable("\(target) is there already; name another file, or replace it with --force")
    }

    private static func status(of path: String) -> stat? {
        var status = stat()
        return stat(path, &status) == 0 ? status : nil
    }

    private static func failure(_ what: String) -> StoreError {
        .unavailable("\(what): \(String(cString: strerror(errno)))")
    }

    private static func sideFiles(of path: String) -> [String] { ["-journal", "-wal", "-shm"].map { path + $0 } }

    private func removeSideFiles() { for file in Self.sideFiles(of: path) { unlink(file) } }

    /// The name is as durable as the bytes only then; that a folder cannot be synced is no reason to have no backup.
    private func syncFolder() {
        let slash = target.lastIndex(of: "/")
        let folder = slash.map { $0 == target.startIndex ? "/" : String(target[..<$0]) } ?? "."
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        _ = fsync(descriptor)
        Glibc.close(descriptor)
    }
}
