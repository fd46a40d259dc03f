import Glibc
import Orchestration

/// The few file operations that composition and worker need, with errors that name the file.
public enum Files {
    public static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// Makes the folder and its parents, readable by this user alone.
    public static func makeFolders(_ path: String) throws(DiskError) {
        if exists(path) { return }
        if let slash = path.lastIndex(of: "/"), slash != path.startIndex { try makeFolders(String(path[..<slash])) }
        guard mkdir(path, 0o700) != 0, errno != EEXIST else { return }
        throw .failed("cannot make the folder \(path): \(String(cString: strerror(errno)))")
    }

    /// The whole text; `nil` where there is no such file.
    public static func read(_ path: String) throws(DiskError) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        if descriptor < 0, errno == ENOENT { return nil }
        _ = try checked("cannot open \(path)") { descriptor }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = try checked("cannot read \(path)") { Glibc.read(descriptor, &buffer, buffer.count) }
            if count == 0 { return String(decoding: bytes, as: UTF8.self) }
            bytes += buffer[..<count]
        }
    }

    /// Writes beside the file and renames, so that nobody ever reads half of it.
    public static func write(_ text: String, to path: String, mode: mode_t) throws(DiskError) {
        let draft = path + ".new"
        let descriptor = try checked("cannot create \(draft)") {
            open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode)
        }
        defer { close(descriptor) }
        _ = try checked("cannot set the mode of \(draft)") { fchmod(descriptor, mode) }
        let bytes = Array(text.utf8)
        _ = try checked("cannot write to \(draft)") { Glibc.write(descriptor, bytes, bytes.count) }
        _ = try checked("cannot write to \(draft)") { fsync(descriptor) }
        _ = try checked("cannot rename \(draft)") { rename(draft, path) }
    }

    public static func remove(_ path: String) throws(DiskError) {
        guard unlink(path) != 0, errno != ENOENT else { return }
        throw .failed("cannot remove \(path): \(String(cString: strerror(errno)))")
    }
}
