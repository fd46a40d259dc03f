import Glibc
import Orchestration

/// The right to change one mirror, held by at most one task of all workers that share the folder.
///
/// A lock of `flock` belongs to the open file, so it excludes tasks of one process from each other as well, and the
/// kernel releases it when a worker dies.
struct MirrorLock: ~Copyable {
    private let file: Int32

    /// After so long whoever reads the log is told what is waited for.
    static let silence = Duration.seconds(2)

    /// Waits without holding a thread.
    /// - Parameter onWait: called once, when it takes longer than ``silence``.
    /// - Throws: when the lock was not to be had within `timeout`, or the task was cancelled.
    static func acquire(
        _ path: String, timeout: Duration, onWait: () -> Void
    ) async throws(CheckoutError) -> MirrorLock {
        let lock = try MirrorLock(path)
        let begun = ContinuousClock.now
        let end = begun + timeout
        var isTold = false
        var pause = Duration.milliseconds(1)
        while flock(lock.file, LOCK_EX | LOCK_NB) != 0 {
            guard errno == EWOULDBLOCK || errno == EINTR else {
                throw CheckoutError("\(path) could not be locked: \(String(cString: strerror(errno)))")
            }
            guard ContinuousClock.now < end else {
                throw CheckoutError("another build has been fetching the same repository for more than \(timeout)")
            }
            if !isTold, ContinuousClock.now - begun >= silence {
                isTold = true
                onWait()
            }
            do { try await Task.sleep(for: pause) } catch { throw .stopped }
            pause = min(pause * 2, .milliseconds(20))
        }
        return lock
    }

    private init(_ path: String) throws(CheckoutError) {
        file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else {
            throw CheckoutError("\(path) could not be opened: \(String(cString: strerror(errno)))")
        }
    }

    deinit {
        close(file)
    }
}
