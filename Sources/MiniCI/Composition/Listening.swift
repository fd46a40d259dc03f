import Glibc
import NIOCore

/// The address that a process listens on: when that has begun, and why it could not.
struct Listening: Sendable {
    private let host: String
    private let port: Int
    private let (waiting, begun): (AsyncStream<Void>, AsyncStream<Void>.Continuation)

    init(host: String, port: Int) {
        self.host = host
        self.port = port
        (waiting, begun) = AsyncStream.makeStream()
    }

    func hasBegun() { begun.yield() }

    /// After this nobody waits for the begin any more.
    func isOver() { begun.finish() }

    /// Waits until the address answers; `false` where it never will.
    func begins() async -> Bool {
        for await _ in waiting { return true }
        return false
    }

    /// A sentence for the person at the terminal; `nil` for what has other causes than the address.
    func failure(_ error: any Error) -> StartupError? {
        if error is SocketAddressError || error is SocketAddressError.UnknownHost {
            return StartupError(elsewhere("it is no name or address of this machine"))
        }
        guard let error = error as? IOError else { return nil }
        switch error.errnoCode {
        case EADDRINUSE:
            return StartupError(
                "port \(port) on \(host) is in use; choose another with --port (0 takes a free one)")
        case EADDRNOTAVAIL: return StartupError(elsewhere("this machine does not have that address"))
        case EACCES:
            return StartupError(
                "cannot listen on port \(port) of \(host): ports below 1024 are the system's; choose a higher one "
                    + "with --port")
        default: return nil
        }
    }

    private func elsewhere(_ why: String) -> String {
        "cannot listen on \(host): \(why); try --host 127.0.0.1 or 0.0.0.0"
    }
}
