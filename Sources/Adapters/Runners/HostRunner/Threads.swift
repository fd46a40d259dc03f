import CSupervisor
import Glibc

private final class ThreadBody {
    let name: String
    let run: @Sendable () -> Void

    init(name: String, run: @escaping @Sendable () -> Void) {
        self.name = name
        self.run = run
    }
}

/// Starts a detached thread. A name has at most 15 bytes.
/// - Returns: 0, or an `errno`; then `body` does not run.
@discardableResult
func startThread(named name: String, _ body: @escaping @Sendable () -> Void) -> Int32 {
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    let passed = Unmanaged.passRetained(ThreadBody(name: name, run: body))
    var thread = pthread_t()
    let cause = pthread_create(
        &thread, &attributes,
        { raw in
            guard let raw else { return nil }
            let body = Unmanaged<ThreadBody>.fromOpaque(raw).takeRetainedValue()
            mini_ci_name_thread(body.name)
            body.run()
            return nil
        }, passed.toOpaque())
    if cause != 0 { passed.release() }
    return cause
}
