import BuildDomain
import Dispatch
import Glibc
import Orchestration

/// A worker's folder on the local disk: `attempts/<id>/{workspace,tmp,log}`, and a lock so that no two workers share
/// it.
public final class LocalDisk: WorkerDisk {
    public let root: String
    private let lock: Int32

    /// What dead attempts left and this user may not remove (a job that used `sudo`, say) stays here, out of the way.
    public let leftovers: String?

    /// Makes the folder where it is missing and removes what dead attempts left in it.
    /// - Throws: ``DiskError`` where the folder cannot be used, or another worker uses it.
    public init(root: String) throws(DiskError) {
        self.root = root
        try Files.makeFolders(root)
        let path = root + "/lock"
        lock = try checked("cannot open \(path)") { open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600) }
        guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            close(lock)
            throw .failed("\(root) is in use by another worker; give each worker a data folder of its own (--data)")
        }
        let attempts = root + "/attempts"
        var leftovers: String?
        if Files.exists(attempts) {
            do throws(DiskError) { try Files.removeTree(attempts) } catch {
                let aside = attempts + ".left-\(UInt64.random(in: .min ... .max))"
                _ = try checked("cannot move \(attempts) aside") { rename(attempts, aside) }
                leftovers = aside
            }
        }
        self.leftovers = leftovers
        try Files.makeFolders(attempts)
    }

    deinit { close(lock) }

    /// Whether a process uses the folder now.
    public static func isInUse(_ root: String) -> Bool {
        let lock = open(root + "/lock", O_RDWR | O_CLOEXEC | O_NOFOLLOW)
        guard lock >= 0 else { return false }
        defer { close(lock) }
        return flock(lock, LOCK_EX | LOCK_NB) != 0
    }

    /// The worker's id, made on the first start and kept in the folder.
    public func identity(make: () -> WorkerID) throws(DiskError) -> WorkerID {
        let path = root + "/worker-id"
        if let text = try Files.read(path), let id = WorkerID(text.prefix { $0 != "\n" }) { return id }
        let id = make()
        try Files.write(id.description + "\n", to: path, mode: 0o600)
        return id
    }

    public func prepare(_ attempt: AttemptID) async throws(DiskError) -> AttemptFolder {
        let folder = root + "/attempts/\(attempt)"
        // One that is there already belongs to somebody, who removes it.
        try makeFolder(folder)
        do throws(DiskError) { return try fill(folder) } catch {
            // Nobody gets to know this folder, so nobody else would remove it. That it could not be filled tells more
            // than that it could not be removed.
            try? Files.removeTree(folder)
            throw error
        }
    }

    private func fill(_ folder: String) throws(DiskError) -> AttemptFolder {
        for path in [folder + "/workspace", folder + "/tmp"] { try makeFolder(path) }
        return AttemptFolder(
            workspace: folder + "/workspace", temporary: folder + "/tmp", spool: try FileSpool(path: folder + "/log"))
    }

    private func makeFolder(_ path: String) throws(DiskError) {
        _ = try checked("cannot make the folder \(path)") { mkdir(path, 0o700) }
    }

    public func remove(_ attempt: AttemptID) async throws(DiskError) {
        let folder = root + "/attempts/\(attempt)"
        // A workspace can hold a million files; that is no work for the cooperative threads.
        let result: Result<Void, DiskError> = await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                do throws(DiskError) {
                    try Files.removeTree(folder)
                    continuation.resume(returning: .success(()))
                } catch { continuation.resume(returning: .failure(error)) }
            }
        }
        try result.get()
    }
}
