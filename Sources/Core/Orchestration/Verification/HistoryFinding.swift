import BuildDomain

/// Something that is not as it must be in what is stored of a build.
public struct HistoryFinding: Sendable, Hashable {
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// Rows, events or a log are there and cannot be read.
        case unreadable
        /// A build has rows and no history, a history and no rows, or a history without its beginning.
        case lost
        /// An attempt has not exactly the ends it must have.
        case end
        /// The history has an event that the ones before do not allow.
        case transition
        /// The rows are not what the history says.
        case row
        /// A job has more attempts than it may have, or more than one that is live.
        case attempts
        /// A log has a gap, or is not what its seal says.
        case log
    }

    /// The build's id as it is stored.
    public var build: String
    public var attempt: AttemptID?
    public var kind: Kind
    /// What was looked at: `status of the build`, `log` …
    public var subject: String
    public var expected: String
    public var found: String

    init(_ kind: Kind, _ subject: String, of attempt: AttemptID? = nil, expected: String, found: String) {
        build = ""
        self.attempt = attempt
        self.kind = kind
        self.subject = subject
        self.expected = expected
        self.found = found
    }

    func of(build key: String) -> HistoryFinding {
        var finding = self
        finding.build = key
        return finding
    }
}

/// How much was looked at, and how much of it is wrong.
public struct HistoryCheckCounts: Sendable, Hashable {
    public var builds = 0
    public var attempts = 0
    /// Bytes of log text that were read.
    public var logBytes: Int64 = 0
    public var findings = 0
    /// Builds that changed each time they were looked at, so that nothing can be said of them.
    public var undecided = 0

    public init() {}

    static func + (left: Self, right: Self) -> Self {
        var sum = left
        sum.builds += right.builds
        sum.attempts += right.attempts
        sum.logBytes += right.logBytes
        sum.findings += right.findings
        sum.undecided += right.undecided
        return sum
    }
}
