import Foundation

/// Carries the bytes of one connection, on a thread of its own.
struct Pump: Sendable {
    let near: LoopbackSocket
    let far: LoopbackSocket
    let era: Int

    /// Bytes on their way in one direction, and when they may arrive.
    private struct Lane {
        /// As much as a slow link holds back before it stops to take more.
        static let capacity = 256 * 1024

        var pieces: [(due: ContinuousClock.Instant, bytes: ArraySlice<UInt8>)] = []
        var held = 0
        var hasEnded = false

        var mayTake: Bool { !hasEnded && held < Self.capacity }
        var isDue: Bool { pieces.first.map { $0.due <= .now } ?? false }
        var isDone: Bool { hasEnded && pieces.isEmpty }

        /// - Returns: whether the connection still stands.
        mutating func read(from socket: LoopbackSocket, delay: Int, isLost: Bool) -> Bool {
            var buffer = [UInt8](repeating: 0, count: 64 * 1024)
            let count = recv(socket.descriptor, &buffer, buffer.count, 0)
            guard count > 0 else {
                hasEnded = count == 0
                return count == 0 || errno == EAGAIN || errno == EINTR
            }
            guard !isLost else { return true }
            pieces.append((.now + .milliseconds(delay), buffer[..<count]))
            held += count
            return true
        }

        mutating func write(to socket: LoopbackSocket) -> Bool {
            guard let first = pieces.first else { return true }
            let count = first.bytes.withUnsafeBytes {
                send(socket.descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count >= 0 else { return errno == EAGAIN || errno == EINTR }
            held -= count
            pieces[0].bytes.removeFirst(count)
            if pieces[0].bytes.isEmpty { pieces.removeFirst() }
            return true
        }
    }

    func run(on link: Link) {
        var (there, back) = (Lane(), Lane())
        while true {
            let present = link.present
            guard present.era == era, step(&there, &back, present.condition) else {
                near.reset()
                far.reset()
                return
            }
            // HTTP closes both directions at once.
            if there.isDone || back.isDone {
                near.close()
                far.close()
                return
            }
        }
    }

    /// - Returns: whether the connection still stands.
    private func step(_ there: inout Lane, _ back: inout Lane, _ condition: Link.Condition) -> Bool {
        var entries = [
            pollfd(fd: near.descriptor, events: events(reading: there, writing: back), revents: 0),
            pollfd(fd: far.descriptor, events: events(reading: back, writing: there), revents: 0),
        ]
        // So often it looks at the link's condition, and whether held bytes are due.
        let isHolding = !there.pieces.isEmpty || !back.pieces.isEmpty
        guard poll(&entries, 2, isHolding ? 5 : 50) > 0 else { return true }
        var delay = 0
        if case .slow(let milliseconds) = condition { delay = milliseconds }
        func has(_ index: Int, _ event: Int32) -> Bool { Int32(entries[index].revents) & event != 0 }
        let broken = Int32(POLLERR) | Int32(POLLHUP)
        if has(0, Int32(POLLIN) | broken), there.mayTake, !there.read(from: near, delay: delay, isLost: false) {
            return false
        }
        let isLost = condition == .halfOpen
        if has(1, Int32(POLLIN) | broken), back.mayTake, !back.read(from: far, delay: delay, isLost: isLost) {
            return false
        }
        if has(1, Int32(POLLOUT)), there.isDue, !there.write(to: far) { return false }
        if has(0, Int32(POLLOUT)), back.isDue, !back.write(to: near) { return false }
        return true
    }

    private func events(reading: Lane, writing: Lane) -> Int16 {
        Int16(reading.mayTake ? POLLIN : 0) | Int16(writing.isDue ? POLLOUT : 0)
    }
}
