import Glibc
import Orchestration
import Synchronization

/// A spool in a file of its own, readable by the worker's user alone.
final class FileSpool: LogSpool {
    private let descriptor: Int32
    private let path: String

    init(path: String) throws(DiskError) {
        self.path = path
        descriptor = try checked("cannot create \(path)") {
            open(path, O_RDWR | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o600)
        }
    }

    deinit { close(descriptor) }

    func append(_ bytes: UnsafeRawBufferPointer) throws(DiskError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let part = UnsafeRawBufferPointer(rebasing: rest)
            let count = try checked("cannot write to \(path)") { write(descriptor, part.baseAddress, part.count) }
            rest = rest.dropFirst(count)
        }
    }

    func read(at offset: Int64, count: Int) throws(DiskError) -> [UInt8] {
        var failure: DiskError?
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            do throws(DiskError) {
                while filled < count {
                    let part = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[filled...])
                    let got = try checked("cannot read \(path)") {
                        pread(descriptor, part.baseAddress, part.count, off_t(offset) + off_t(filled))
                    }
                    if got == 0 { throw .failed("\(path) is shorter than it was") }
                    filled += got
                }
            } catch { failure = error }
        }
        if let failure { throw failure }
        return bytes
    }
}
