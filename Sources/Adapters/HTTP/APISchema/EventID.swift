import BuildDomain
import Orchestration

/// The id of a line in the log stream, `<attempt-id>:<line-number>`: what a follower says to go on after it.
extension LogPosition {
    /// The most a line's number can be; beyond it arithmetic could overflow.
    public static let maximumLine: Int64 = 1 << 53

    /// - Returns: `nil` where `text` is no id.
    public init?(eventID text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let attempt = AttemptID(parts[0]), let line = Int64(parts[1]),
            (0...Self.maximumLine).contains(line), parts[1].utf8.allSatisfy({ $0 != UInt8(ascii: "+") })
        else { return nil }
        self.init(attempt: attempt, line: line)
    }

    public var eventID: String { "\(attempt):\(line)" }
}
