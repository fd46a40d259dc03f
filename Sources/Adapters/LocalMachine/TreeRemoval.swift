import Glibc
import Orchestration

extension Files {
    /// Removes a folder and all below it without following links; folders without write permission are made writable
    /// first. However deep a job nested its folders, this needs a bounded number of descriptors and little stack.
    public static func removeTree(_ path: String) throws(DiskError) {
        guard exists(path) else { return }
        let root = try checked("cannot open \(path)") { open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW) }
        defer { close(root) }
        var removal = TreeRemoval(root: root, path: path)
        // Deep folders are moved up to the root on the way, so it takes as many rounds as it is deep.
        repeat {
            removal.hasMoved = false
            try removal.removeContents(of: root, depth: 0)
        } while removal.hasMoved
        guard rmdir(path) != 0, errno != ENOENT else { return }
        throw .failed("cannot remove \(path): \(String(cString: strerror(errno)))")
    }
}

private struct TreeRemoval {
    /// How deep folders are entered before they are moved up.
    static let maximumDepth = 50

    let root: Int32
    let path: String
    var hasMoved = false
    private var moved = 0
    /// Random, so that a job cannot have put something in the way.
    private let prefix = ".removing-\(UInt64.random(in: .min ... .max))"

    init(root: Int32, path: String) {
        self.root = root
        self.path = path
    }

    mutating func removeContents(of folder: Int32, depth: Int) throws(DiskError) {
        let copy = try checked("cannot open a folder in \(path)") { openat(folder, ".", O_RDONLY | O_CLOEXEC) }
        guard let stream = fdopendir(copy) else {
            close(copy)
            throw .failed("cannot list a folder in \(path): \(String(cString: strerror(errno)))")
        }
        defer { closedir(stream) }
        while let entry = Glibc.readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { strdup($0) }
            }
            guard let name else { throw .failed("out of memory") }
            defer { free(name) }
            if strcmp(name, ".") != 0, strcmp(name, "..") != 0 {
                try remove(name, in: folder, depth: depth)
            }
        }
    }

    /// Names are bytes: what a job calls its files need not be text.
    private mutating func remove(_ name: UnsafePointer<CChar>, in folder: Int32, depth: Int) throws(DiskError) {
        if unlinkat(folder, name, 0) == 0 || errno == ENOENT { return }
        guard errno == EISDIR || errno == EPERM || errno == EACCES else {
            throw .failed("cannot remove a file in \(path): \(String(cString: strerror(errno)))")
        }
        // The mode of a link would be that of what it leads to.
        var entry = stat()
        _ = try checked("cannot look at a file in \(path)") { fstatat(folder, name, &entry, AT_SYMLINK_NOFOLLOW) }
        guard entry.st_mode & S_IFMT == S_IFDIR else {
            throw .failed("cannot remove a file in \(path): a folder of another user holds it")
        }
        fchmodat(folder, name, 0o700, 0)
        if depth >= Self.maximumDepth {
            moved += 1
            hasMoved = true
            _ = try checked("cannot move a deep folder in \(path)") {
                renameat(folder, name, root, "\(prefix)-\(moved)")
            }
            return
        }
        let inner = try checked("cannot open a folder in \(path)") {
            openat(folder, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
        }
        defer { close(inner) }
        try removeContents(of: inner, depth: depth + 1)
        guard unlinkat(folder, name, AT_REMOVEDIR) != 0, errno != ENOENT else { return }
        throw .failed("cannot remove a folder in \(path): \(String(cString: strerror(errno)))")
    }
}
