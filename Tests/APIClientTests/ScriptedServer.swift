import Foundation
import Synchronization

/// A server on loopback that answers each connection with the next piece of its script, byte for byte, and closes it.
final class ScriptedServer: Sendable {
    struct Request: Sendable {
        var head: String
        var body: [UInt8]

        var line: String { String(head.prefix { $0 != "\r" && $0 != "\r\n" }) }

        func header(_ name: String) -> String? {
            head.components(separatedBy: "\r\n").dropFirst().compactMap { line -> String? in
                let parts = line.split(separator: ":", maxSplits: 1)
                guard parts.count == 2, parts[0].lowercased() == name.lowercased() else { return nil }
                return parts[1].trimmingCharacters(in: .whitespaces)
            }.first
        }
    }

    let port: UInt16
    private let listener: Int32
    private let requests = Mutex<[Request]>([])

    var address: String { "http://127.0.0.1:\(port)" }
    var seen: [Request] { requests.withLock { $0 } }

    /// - Parameter script: whole answers, one per request; later requests get none.
    init(_ script: [String]) throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(listener, pointer, length) == 0 && listen(listener, 16) == 0
                    && getsockname(listener, pointer, &length) == 0
            }
        }
        guard isBound else { throw POSIXError(.EADDRNOTAVAIL) }
        self.listener = listener
        port = UInt16(bigEndian: address.sin_port)
        let thread = Thread { [self] in serve(script) }
        thread.start()
    }

    // Not before nobody can use the number any more: it would soon be another socket's.
    deinit { close(listener) }

    /// Refuses connections from now on.
    func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

    private func serve(_ script: [String]) {
        for answer in script {
            let connection = accept(listener, nil, nil)
            guard connection >= 0 else { break }
            if let request = read(connection) {
                requests.withLock { $0.append(request) }
                let bytes = Array(answer.utf8)
                _ = bytes.withUnsafeBytes { send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            }
            close(connection)
        }
        stop()
    }

    private func read(_ connection: Int32) -> Request? {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            if let end = Data(bytes).range(of: Data("\r\n\r\n".utf8)) {
                var request = Request(head: String(decoding: bytes[..<end.lowerBound], as: UTF8.self), body: [])
                let length = request.header("content-length").flatMap { Int($0) } ?? 0
                if bytes.count - end.upperBound >= length {
                    request.body = Array(bytes[end.upperBound...])
                    return request
                }
            }
            let count = recv(connection, &buffer, buffer.count, 0)
            guard count > 0 else { return nil }
            bytes += buffer[..<count]
            // The begin of TLS (RFC 8446 §5.1): answered like anything else that is no HTTP.
            if bytes.first == 22 { return Request(head: "", body: bytes) }
        }
    }
}

/// Answers as they stand on the wire.
enum Answer {
    static func json(_ body: String, status: String = "200 OK", type: String = "application/json") -> String {
        "HTTP/1.1 \(status)\r\nContent-Type: \(type)\r\nContent-Length: \(body.utf8.count)\r\n"
            + "Connection: close\r\n\r\n\(body)"
    }

    static func problem(_ type: String, _ status: Int, detail: String = "Because.", more: String = "") -> String {
        json(
            "{\"type\":\"/problems/\(type)\",\"title\":\"T\",\"status\":\(status),\"detail\":\"\(detail)\"\(more)}",
            status: "\(status) X", type: "application/problem+json")
    }

    static let empty = "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"

    /// Events in a body that ends with the connection.
    static func events(_ events: String...) -> String {
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n" + events.joined()
    }
}
