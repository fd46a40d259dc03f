/// A status that changes only by named events: the table is the exhaustive switch in ``next(after:)``.
public protocol StateMachine: RawRepresentable<String>, CaseIterable, Hashable, Sendable {
    associatedtype Event: TransitionEvent

    /// The status after `event`, or `nil` where the event is not allowed in this status.
    func next(after event: Event) -> Self?
}

/// What moves a status.
public protocol TransitionEvent: RawRepresentable<String>, CaseIterable, Hashable, Sendable {
    /// Somebody asks for it all once more: the only way out of a final status.
    var reopens: Bool { get }
}

extension TransitionEvent {
    public var reopens: Bool { false }
}

extension StateMachine {
    /// Moves to the next status.
    /// - Throws: ``Refusal/illegalTransition(of:from:event:)``; the status is unchanged then.
    public mutating func apply(_ event: Event) throws(Refusal) {
        guard let next = next(after: event) else {
            throw .illegalTransition(of: "\(Self.self)", from: rawValue, event: event.rawValue)
        }
        self = next
    }

    /// Nothing leads out of this status by itself.
    public var isTerminal: Bool { Event.allCases.allSatisfy { $0.reopens || next(after: $0) == nil } }

    /// The whole transition table.
    public static var transitions: [Transition<Self>] {
        allCases.flatMap { from in
            Event.allCases.compactMap { event in
                from.next(after: event).map { Transition(from: from, event: event, to: $0) }
            }
        }
    }
}

/// One row of a transition table.
public struct Transition<Machine: StateMachine>: Hashable, Sendable {
    public let from: Machine
    public let event: Machine.Event
    public let to: Machine
}
