import APISchema
import AsyncHTTPClient
import BuildDomain
import Foundation
import NIOCore

/// One server-sent event.
struct Event: Sendable, Equatable {
    var name = ""
    var id: String?
    var data = ""

    var line: LineView? { try? JSONDecoder().decode(LineView.self, from: Data(data.utf8)) }
    var build: BuildView? { try? JSONDecoder().decode(BuildView.self, from: Data(data.utf8)) }
}

/// Reads a stream event by event, as the standard says, comments apart.
struct EventReader {
    private var bytes: HTTPClientResponse.Body.AsyncIterator
    private var pending: [UInt8] = []
    private(set) var comments: [String] = []
    private(set) var retries: [String] = []

    init(_ response: HTTPClientResponse) { bytes = response.body.makeAsyncIterator() }

    /// `nil` at the end of the stream.
    mutating func next() async throws -> Event? {
        var event = Event()
        var hasData = false
        while let line = try await nextLine() {
            if line.isEmpty {
                if hasData { return event }
                event = Event()
                continue
            }
            let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            let value = parts.count > 1 ? String(parts[1].drop { $0 == " " }) : ""
            switch parts[0] {
            case "": comments.append(value)
            case "event": event.name = value
            case "id": event.id = value
            case "retry": retries.append(value)
            case "data":
                event.data += (hasData ? "\n" : "") + value
                hasData = true
            default: break
            }
        }
        return nil
    }

    /// All events up to the end of the stream.
    mutating func rest() async throws -> [Event] {
        var events: [Event] = []
        while let event = try await next() { events.append(event) }
        return events
    }

    /// Events up to and with the `count`-th line.
    mutating func lines(_ count: Int) async throws -> [Event] {
        var lines: [Event] = []
        while lines.count < count, let event = try await next() {
            if event.name == "line" { lines.append(event) }
        }
        return lines
    }

    /// Reads on until there were so many comments; events meanwhile are dropped.
    mutating func readComments(_ count: Int) async throws {
        while comments.count < count, let line = try await nextLine() {
            if line.hasPrefix(":") { comments.append(line) }
        }
    }

    private mutating func nextLine() async throws -> String? {
        while true {
            if let end = pending.firstIndex(of: 10) {
                let line = pending[..<end]
                pending.removeFirst(end + 1)
                return String(decoding: line, as: UTF8.self)
            }
            guard let more = try await bytes.next() else { return nil }
            pending += more.readableBytesView
        }
    }
}
