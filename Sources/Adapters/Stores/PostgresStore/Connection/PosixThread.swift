import CLibPQ
import Glibc

/// Threads outside Swift's cooperative pool, for calls that block for as long as a network does.
enum PosixThread {
    /// Runs `body` on a new detached thread, which ends with it.
    ///
    /// - Parameter name: what debuggers show; the first 15 bytes are kept.
    /// - Throws: `PostgresError.cannotConnect` when the system refuses another thread.
    static func start(named name: String, _ body: @escaping @Sendable () -> Void) throws {
        let work = Unmanaged.passRetained(ThreadBody(name: name, run: body))
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        var thread = pthread_t()
        let code = pthread_create(&thread, &attributes, runThreadBody, work.toOpaque())
        guard code == 0 else {
            work.release()
            throw PostgresError.cannotConnect("cannot start a thread: \(String(cString: strerror(code)))")
        }
    }
}

private final class ThreadBody: Sendable {
    let name: String
    let run: @Sendable () -> Void

    init(name: String, run: @escaping @Sendable () -> Void) {
        self.name = name
        self.run = run
    }
}

private func runThreadBody(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let argument else { return nil }
    let body = Unmanaged<ThreadBody>.fromOpaque(argument).takeRetainedValue()
    mini_ci_name_thread(body.name)
    body.run()
    return nil
}
