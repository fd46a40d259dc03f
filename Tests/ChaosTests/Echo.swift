import Foundation
import Synchronization

@testable import Chaos

/// Sends back what it hears, to everybody at once.
final class Echo: Sendable {
    let heard = Mutex<[UInt8]>([])
    let isOver = Mutex(false)

    func serve(_ listener: LoopbackSocket) {
        var connections: [(socket: LoopbackSocket, unsent: [UInt8])] = []
        while !isOver.withLock({ $0 }) {
            if listener.wait(milliseconds: 1), let socket = listener.accept() { connections.append((socket, [])) }
            for index in connections.indices {
                let bytes = connections[index].socket.receive() ?? []
                heard.withLock { $0 += bytes }
                connections[index].unsent += bytes
                let sent = connections[index].socket.send(connections[index].unsent[...])
                connections[index].unsent.removeFirst(max(0, sent))
            }
        }
        for connection in connections { connection.socket.close() }
        listener.close()
    }
}

extension LoopbackSocket {
    /// - Returns: how many bytes it took; negative where it takes none now.
    func send(_ bytes: ArraySlice<UInt8>) -> Int {
        bytes.withUnsafeBytes { Foundation.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
    }

    /// What is there; nothing where nothing is, `nil` where the connection is broken.
    func receive() -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: 64 * 1024)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        guard count >= 0 else { return errno == EAGAIN ? [] : nil }
        return Array(buffer[..<count])
    }

    var isReset: Bool { receive() == nil }
}
