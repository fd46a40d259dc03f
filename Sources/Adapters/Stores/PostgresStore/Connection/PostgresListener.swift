import CLibPQ
import Glibc
import Synchronization

/// Receives notifications on a connection and thread of its own, and connects again when that breaks.
final class PostgresListener: Sendable {
    private let control: ListenerControl

    private init(_ control: ListenerControl) { self.control = control }

    /// Listens on `channel`. Notifications sent after this returns are delivered, except while the connection is
    /// broken.
    ///
    /// Both callbacks run on the listener's thread and hold it up: they should do no more than signal.
    /// - Parameters:
    ///   - channel: letters, digits and underscores, as in `NOTIFY`.
    ///   - onNotification: gets each payload, in the order in which the notifying transactions committed.
    ///   - onReconnect: called each time listening began anew: notifications may have been missed before.
    /// - Throws: `PostgresError.cannotConnect` when the first connection fails.
    static func start(
        _ configuration: PostgresConfiguration, channel: String = "mini_ci",
        onNotification: @escaping @Sendable (String) -> Void, onReconnect: @escaping @Sendable () -> Void
    ) async throws -> PostgresListener {
        guard channel.utf8.allSatisfy({ UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0 || $0 == UInt8(ascii: "_") }) else {
            throw PostgresError.misuse("a channel's name is made of lower-case letters and underscores")
        }
        let control = try ListenerControl()
        let loop = ListenerLoop(
            configuration: configuration, channel: channel, control: control, onNotification: onNotification,
            onReconnect: onReconnect)
        try await withCheckedThrowingContinuation { (started: CheckedContinuation<Void, any Error>) in
            do {
                try PosixThread.start(named: "postgres-listen") { loop.run(started) }
            } catch {
                started.resume(throwing: error)
            }
        }
        return PostgresListener(control)
    }

    deinit { control.stop() }

    /// Stops listening, and returns when the thread let go of its connection: at once, or after the connect timeout if
    /// it is connecting.
    func close() async {
        control.stop()
        await withCheckedContinuation { control.whenEnded($0) }
    }
}

/// How the listener's owner reaches its thread.
private final class ListenerControl: Sendable {
    private struct State {
        var isStopped = false
        var hasEnded = false
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())
    /// An eventfd, readable once the thread is to stop.
    let wakeUp: Int32

    init() throws {
        wakeUp = mini_ci_eventfd()
        guard wakeUp >= 0 else { throw PostgresError.cannotConnect(String(cString: strerror(errno))) }
    }

    deinit { Glibc.close(wakeUp) }

    var isStopped: Bool { state.withLock { $0.isStopped } }

    func stop() {
        state.withLock { $0.isStopped = true }
        eventfd_write(wakeUp, 1)
    }

    func whenEnded(_ waiter: CheckedContinuation<Void, Never>) {
        let hasEnded = state.withLock { state in
            if !state.hasEnded { state.waiters.append(waiter) }
            return state.hasEnded
        }
        if hasEnded { waiter.resume() }
    }

    func end() {
        let waiters = state.withLock { state in
            state.hasEnded = true
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }
}

private struct ListenerLoop: Sendable {
    let configuration: PostgresConfiguration
    let channel: String
    let control: ListenerControl
    let onNotification: @Sendable (String) -> Void
    let onReconnect: @Sendable () -> Void

    private static let firstPause: Int32 = 50
    private static let longestPause: Int32 = 2_000

    func run(_ started: CheckedContinuation<Void, any Error>) {
        defer { control.end() }
        do {
            let link = try connect()
            started.resume()
            receive(from: link)
        } catch {
            started.resume(throwing: error)
            return
        }
        var pause = ListenerLoop.firstPause
        while !control.isStopped {
            if let link = try? connect() {
                pause = ListenerLoop.firstPause
                onReconnect()
                receive(from: link)
            } else {
                _ = wait(for: nil, milliseconds: pause)
                pause = min(pause * 2, ListenerLoop.longestPause)
            }
        }
    }

    private func connect() throws -> PostgresLink {
        let link = try PostgresLink(configuration)
        try link.script("LISTEN \(channel)")
        return link
    }

    /// Delivers until the connection breaks or the listener is stopped.
    private func receive(from link: PostgresLink) {
        while !control.isStopped {
            while let notification = PQnotifies(link.raw) {
                if let payload = notification.pointee.extra { onNotification(String(cString: payload)) }
                PQfreemem(notification)
            }
            guard wait(for: PQsocket(link.raw), milliseconds: -1) else { continue }
            guard PQconsumeInput(link.raw) == 1, link.isAlive else { return }
        }
    }

    /// Waits for the socket, a stop, or the time to pass. True when the socket has something to say.
    private func wait(for socket: Int32?, milliseconds: Int32) -> Bool {
        var descriptors = [pollfd(fd: control.wakeUp, events: Int16(POLLIN), revents: 0)]
        if let socket { descriptors.append(pollfd(fd: socket, events: Int16(POLLIN), revents: 0)) }
        let ready = poll(&descriptors, nfds_t(descriptors.count), milliseconds)
        return ready > 0 && descriptors.count > 1 && descriptors[1].revents != 0
    }
}
