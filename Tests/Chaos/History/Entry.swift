import APISchema
import BuildDomain

/// Something that clients saw or did, or that was found at the end: a line in the file of the history.
package enum Entry: Sendable, Hashable, Codable {
    case began(seed: UInt64, faults: [Fault])
    /// A submit was acknowledged; one that is repeated is acknowledged more than once.
    case submitted(plan: BuildPlan, key: String, build: BuildID, at: Timestamp)
    /// Somebody began to ask for a build's end; it may happen even where no answer comes.
    case cancelAsked(build: BuildID)
    case cancelAccepted(build: BuildID, at: Timestamp)
    case injected(fault: Fault, at: Timestamp)
    case mended(fault: Fault, at: Timestamp)
    /// What one connection of a follower brought.
    case followed(follower: Int, build: BuildID, lines: [SeenLine], hasEnded: Bool)
    /// An answer that no fault explains.
    case refused(what: String, why: String)
    /// A process ended though nobody told it to.
    case died(program: String, why: String)
    /// A build as the API shows it at the end.
    case stored(build: BuildView)
    /// The whole log of an attempt at the end, and the SHA-256 of its text.
    case log(attempt: AttemptID, lines: [StoredLine], sha256: String)
    /// A row of `job_events`.
    case event(build: BuildID, attempt: AttemptID?, at: Timestamp, kind: String)
    /// What the store says is wrong with itself.
    case flawed(what: String)
    /// A process or workspace that is there when everything has ended.
    case left(what: String)
}

/// A line as a follower got it.
package struct SeenLine: Sendable, Hashable, Codable {
    package var attempt: AttemptID
    package var number: Int64
    package var text: String

    package init(attempt: AttemptID, number: Int64, text: String) {
        self.attempt = attempt
        self.number = number
        self.text = text
    }
}

/// A line as it is stored.
package struct StoredLine: Sendable, Hashable, Codable {
    package var number: Int64
    package var text: String
    /// Printed by the build's command, and not by the checkout or the system.
    package var isOutput: Bool

    package init(number: Int64, text: String, isOutput: Bool) {
        self.number = number
        self.text = text
        self.isOutput = isOutput
    }
}
