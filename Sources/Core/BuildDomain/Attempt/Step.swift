/// What a step of a job does.
public enum StepSpec: Sendable, Hashable {
    /// Fetch the build's repository and check out its commit.
    case checkout
    /// Run a command with `/bin/sh -e`.
    case run(command: String)

    /// The name shown to people: `checkout`, or the first line of the command that is not empty.
    public var name: String {
        switch self {
        case .checkout: "checkout"
        case .run(let command): String((command.split(whereSeparator: \.isNewline).first ?? "").prefix(200))
        }
    }
}

/// How a step ended.
public enum StepOutcome: String, Sendable, Hashable, Codable {
    case success, failed, canceled, skipped
}

/// A step of an attempt as the worker last reported it.
public struct Step: Sendable, Hashable {
    public var name: String
    public var startedAt: Timestamp?
    public var finishedAt: Timestamp?
    /// What happened; `nil` until it ended.
    public var outcome: StepOutcome?
    /// What counts for the job: the outcome, unless the step may fail.
    public var conclusion: StepOutcome?
    /// The program's exit code where it had one.
    public var exitCode: Int?

    public init(
        name: String, startedAt: Timestamp? = nil, finishedAt: Timestamp? = nil, outcome: StepOutcome? = nil,
        conclusion: StepOutcome? = nil, exitCode: Int? = nil
    ) {
        self.name = name
        self.startedAt = startedAt
        self.finishedAt = finishedAt
        self.outcome = outcome
        self.conclusion = conclusion
        self.exitCode = exitCode
    }
}

extension StepSpec: Codable {
    private enum Key: String, CodingKey { case uses, run }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        if let command = try container.decodeIfPresent(String.self, forKey: .run) {
            self = .run(command: command)
        } else {
            let name = try container.decode(String.self, forKey: .uses)
            guard name == "checkout" else {
                throw DecodingError.dataCorruptedError(
                    forKey: .uses, in: container, debugDescription: "expected 'checkout', got '\(name)'")
            }
            self = .checkout
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        switch self {
        case .checkout: try container.encode("checkout", forKey: .uses)
        case .run(let command): try container.encode(command, forKey: .run)
        }
    }
}

extension Step: Codable {
    private enum CodingKeys: String, CodingKey {
        case name, outcome, conclusion
        case startedAt = "started_at"
        case finishedAt = "finished_at"
        case exitCode = "exit_code"
    }
}
