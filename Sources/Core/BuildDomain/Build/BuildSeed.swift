/// All that a submit decides about a build, once and for all.
public struct BuildSeed: Sendable, Hashable, Codable {
    public var id: BuildID
    public var repository: RepositoryURL
    public var ref: GitRef
    /// The single command of a build that was submitted as one; shown to people.
    public var command: String?
    /// -1000...1000; higher goes first.
    public var priority: Int
    public var jobs: [JobSeed]

    public init(
        id: BuildID, repository: RepositoryURL, ref: GitRef, command: String?, priority: Int, jobs: [JobSeed]
    ) {
        self.id = id
        self.repository = repository
        self.ref = ref
        self.command = command
        self.priority = priority
        self.jobs = jobs
    }

    private enum CodingKeys: String, CodingKey {
        case id, ref, command, priority, jobs
        case repository = "repo_url"
    }
}

/// A job's id and what it is to do.
public struct JobSeed: Sendable, Hashable, Codable {
    public var id: JobID
    public var spec: JobSpec

    public init(id: JobID, spec: JobSpec) {
        self.id = id
        self.spec = spec
    }
}

/// What a job is to do, where and within which limits.
public struct JobSpec: Sendable, Hashable, Codable {
    /// Unique in its build.
    public var name: String
    /// Names of the jobs that must succeed first.
    public var needs: [String]
    public var labels: Set<Label>
    public var steps: [StepSpec]
    public var environment: [String: String]
    /// Seconds the job may run, checkout included.
    public var timeoutSeconds: Int
    /// 1...10; how often the job may be executed when its script fails.
    public var maxAttempts: Int
    public var rules: JobRules

    public init(
        name: String, needs: [String] = [], labels: Set<Label> = [], steps: [StepSpec],
        environment: [String: String] = [:], timeoutSeconds: Int, maxAttempts: Int = 1, rules: JobRules = JobRules()
    ) {
        self.rules = rules
        self.name = name
        self.needs = needs
        self.labels = labels
        self.steps = steps
        self.environment = environment
        self.timeoutSeconds = timeoutSeconds
        self.maxAttempts = maxAttempts
    }

    /// Histories from before there were rules have none.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            name: try container.decode(String.self, forKey: .name),
            needs: try container.decode([String].self, forKey: .needs),
            labels: try container.decode(Set<Label>.self, forKey: .labels),
            steps: try container.decode([StepSpec].self, forKey: .steps),
            environment: try container.decode([String: String].self, forKey: .environment),
            timeoutSeconds: try container.decode(Int.self, forKey: .timeoutSeconds),
            maxAttempts: try container.decode(Int.self, forKey: .maxAttempts),
            rules: try container.decodeIfPresent(JobRules.self, forKey: .rules) ?? JobRules())
    }

    private enum CodingKeys: String, CodingKey {
        case name, needs, labels, steps, rules
        case environment = "env"
        case timeoutSeconds = "timeout_s"
        case maxAttempts = "max_attempts"
    }
}

extension RepositoryURL: Codable {
    public init(from decoder: any Decoder) throws {
        self.init(accepted: try decoder.singleValueContainer().decode(String.self))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

extension GitRef: Codable {
    public init(from decoder: any Decoder) throws {
        self.init(accepted: try decoder.singleValueContainer().decode(String.self))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

extension Label: Codable {
    public init(from decoder: any Decoder) throws {
        self.init(accepted: try decoder.singleValueContainer().decode(String.self))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
