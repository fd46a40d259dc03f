import Glibc
import Orchestration

/// The few file operations a checkout needs, on absolute paths.
enum Files {
    /// The content of a regular file; `nil` when there is none. Never waits, whatever a stranger's repository holds.
    static func read(_ path: String) -> [UInt8]? {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        var failed = false
        let bytes = [UInt8](unsafeUninitializedCapacity: Int(status.st_size)) { buffer, count in
            while count < buffer.count {
                let got = Glibc.read(file, buffer.baseAddress?.advanced(by: count), buffer.count - count)
                if got < 0 && errno == EINTR { continue }
                if got < 0 { failed = true }
                if got <= 0 { break }
                count += got
            }
        }
        return failed ? nil : bytes
    }

    /// The content of a short text file without the white space around it.
    static func readLine(_ path: String) -> String? {
        guard let bytes = read(path) else { return nil }
        let line = bytes.prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
        return String(decoding: line, as: UTF8.self)
    }

    static func write(_ bytes: [UInt8], to path: String) throws(CheckoutError) {
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard file >= 0 else { throw failure("create", path) }
        defer { close(file) }
        var written = 0
        while written < bytes.count {
            let more = bytes.withUnsafeBytes {
                Glibc.write(file, $0.baseAddress?.advanced(by: written), $0.count - written)
            }
            if more < 0 && errno == EINTR { continue }
            guard more > 0 else { throw failure("write", path) }
            written += more
        }
    }

    static func write(_ text: String, to path: String) throws(CheckoutError) {
        try write([UInt8](text.utf8), to: path)
    }

    static func makeFolder(_ path: String, mode: mode_t = 0o755) throws(CheckoutError) {
        guard mkdir(path, mode) == 0 || errno == EEXIST else { throw failure("create", path) }
    }

    /// Makes a folder and those above it.
    static func makeFolders(_ path: String, mode: mode_t = 0o755) throws(CheckoutError) {
        guard !isFolder(path) else { return }
        if let slash = path.lastIndex(of: "/"), slash != path.startIndex {
            try makeFolders(String(path[..<slash]), mode: mode)
        }
        try makeFolder(path, mode: mode)
    }

    static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// The names in a folder with whether each is a folder itself; none when it cannot be read.
    static func entries(_ path: String) -> [(name: String, isFolder: Bool)] {
        guard let folder = opendir(path) else { return [] }
        defer { closedir(folder) }
        var entries: [(String, Bool)] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard name != ".", name != ".." else { continue }
            entries.append((name, entry.pointee.d_type == UInt8(DT_DIR)))
        }
        return entries
    }

    /// Removes a file or a folder with all that is in it; links are removed and not followed.
    static func remove(_ path: String) {
        if unlink(path) == 0 { return }
        for entry in entries(path) { remove(path + "/" + entry.name) }
        rmdir(path)
    }

    private static func failure(_ what: String, _ path: String) -> CheckoutError {
        CheckoutError("could not \(what) \(path): \(String(cString: strerror(errno)))")
    }
}
