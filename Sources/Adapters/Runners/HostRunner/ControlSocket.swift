import CSupervisor
import Glibc
import Synchronization

/// The worker's end of the connection to one supervisor.
///
/// Closed when nobody holds it any more and not before, so that no thread can find another file under its number.
final class ControlSocket: Sendable {
    enum Reply {
        case exited(status: Int32)
        case startFailed(stage: Int32, cause: Int32)
        case gone
    }

    let descriptor: Int32
    private let hungUp = Atomic(false)

    /// Whether the end came from this side.
    var isHungUp: Bool { hungUp.load(ordering: .acquiring) }

    init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    deinit {
        Glibc.close(descriptor)
    }

    func send(run request: [UInt8], output: Int32, error: Int32) -> Int32 {
        request.withUnsafeBytes { mini_ci_supervisor_run(descriptor, $0.baseAddress, $0.count, output, error) }
    }

    /// Arrives in any case: where the message cannot be sent (out of memory, say), the end of file says it.
    func send(stopWithin grace: Duration) {
        if mini_ci_supervisor_stop(descriptor, grace.clampedMilliseconds) != 0 { hangUp() }
    }

    /// Whoever asks for it has a result of its own to wait for and can ask again.
    func send(interruptWithin grace: Duration) {
        _ = mini_ci_supervisor_interrupt(descriptor, grace.clampedMilliseconds)
    }

    /// Has the supervisor read and drop what still comes through `pipe`.
    func send(drain pipe: Int32) {
        _ = mini_ci_supervisor_drain(descriptor, pipe)
    }

    /// The end of file that ends everything. Takes effect even while a copy of the descriptor is elsewhere.
    func hangUp() {
        hungUp.store(true, ordering: .releasing)
        shutdown(descriptor, Int32(SHUT_RDWR))
    }

    func receive() -> Reply? {
        var reply = mini_ci_reply()
        switch mini_ci_supervisor_reply(descriptor, &reply) {
        case 1 where reply.kind == MINI_CI_EXITED: return .exited(status: reply.value)
        case 1: return .startFailed(stage: reply.stage, cause: reply.value)
        case 0: return .gone
        default: return nil
        }
    }
}

extension Duration {
    /// Whole milliseconds, as many as a message holds.
    var clampedMilliseconds: UInt32 {
        let limit = Int64(UInt32.max)
        let milliseconds =
            components.seconds >= limit / 1000
            ? limit : components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
        return UInt32(max(0, milliseconds))
    }
}
