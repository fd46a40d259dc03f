import APISchema
import BuildDomain
import FoundationEssentials
import Orchestration

/// What a follower has seen: turns events into news, without the repetitions that a new connection brings.
struct FollowState: Sendable {
    enum Flaw: Error, Equatable {
        case unreadable(String)
        /// Lines are missing between the last one seen and the one that came.
        case gap(after: Int64, next: Int64)
    }

    /// What to ask the next connection to go on after; empty for the beginning.
    private(set) var lastID: String
    private(set) var hasEnded = false
    private var position: LogPosition?
    private var shown: BuildView?

    init(after position: LogPosition?) {
        self.position = position
        lastID = position?.eventID ?? ""
    }

    /// - Returns: `nil` for what was seen before and for events this client does not know.
    mutating func take(_ event: ServerSentEvent) throws(Flaw) -> FollowNews? {
        guard !hasEnded else { return nil }
        switch event.name {
        case "line": return try takeLine(event)
        case "state":
            let build = try decode(BuildView.self, event)
            guard build != shown else { return nil }
            shown = build
            return .state(build)
        case "end":
            hasEnded = true
            return .end(try decode(BuildView.self, event))
        default: return nil
        }
    }

    private mutating func takeLine(_ event: ServerSentEvent) throws(Flaw) -> FollowNews? {
        guard let place = LogPosition(eventID: event.id) else {
            throw .unreadable("a line has the id \(event.id.debugDescription), expected ATTEMPT:NUMBER")
        }
        let line = try decode(LineView.self, event)
        if let position, position.attempt == place.attempt {
            guard place.line > position.line else { return nil }
            guard place.line == position.line + 1 else { throw .gap(after: position.line, next: place.line) }
        } else if place.line != 1 {
            throw .gap(after: 0, next: place.line)
        }
        position = place
        lastID = event.id
        return .line(line)
    }

    private func decode<Value: Decodable>(_ type: Value.Type, _ event: ServerSentEvent) throws(Flaw) -> Value {
        do { return try JSONDecoder().decode(type, from: Data(event.data)) } catch {
            throw .unreadable("the event '\(event.name)' is not what was expected: \(error)")
        }
    }
}
