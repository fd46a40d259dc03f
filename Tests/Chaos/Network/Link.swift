import Foundation
import Synchronization

/// A loopback port behind which another one lies, and the way between them, which can be broken.
package final class Link: Sendable {
    package enum Condition: Sendable, Hashable {
        case fine
        /// Everything arrives so much later.
        case slow(milliseconds: Int)
        /// What is connected is closed, and nobody gets through.
        case down
        /// What the near side says arrives; what the far side answers is lost without a word.
        case halfOpen
    }

    struct Present {
        var condition = Condition.fine
        /// Connections of an earlier era are gone.
        var era = 0
        var isClosed = false
    }

    package let port: UInt16
    private let target: UInt16
    private let state = Mutex(Present())

    /// Listens at once. ``close()`` ends it.
    package init(to target: UInt16) throws {
        self.target = target
        let listener = try LoopbackSocket.listening()
        port = try listener.port()
        Thread.detachNewThread { [self] in accept(on: listener) }
    }

    var present: Present { state.withLock { $0 } }

    package func set(_ condition: Condition) {
        state.withLock { state in
            // A connection of which something was lost must not go on as if nothing had been.
            if condition == .down || state.condition == .halfOpen { state.era += 1 }
            state.condition = condition
        }
    }

    /// Resets every connection; new ones are welcome.
    package func reset() { state.withLock { $0.era += 1 } }

    package func close() {
        state.withLock { state in
            state.isClosed = true
            state.era += 1
        }
    }

    private func accept(on listener: LoopbackSocket) {
        defer { listener.close() }
        while true {
            let isReady = listener.wait(milliseconds: 20)
            let present = present
            if present.isClosed { return }
            guard isReady, let near = listener.accept() else { continue }
            guard present.condition != .down, let far = try? LoopbackSocket.connected(to: target) else {
                near.reset()
                continue
            }
            let pump = Pump(near: near, far: far, era: present.era)
            Thread.detachNewThread { [self] in pump.run(on: self) }
        }
    }
}
