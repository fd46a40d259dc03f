import BuildDomain
import Crypto

/// What a user submits: a command to run on a commit.
public struct Submission: Sendable, Hashable {
    public var repository: String
    public var ref: String
    public var command: String
    public var environment: [String: String]
    public var labels: [String]
    public var priority: Int?
    public var timeoutSeconds: Int?
    public var maxAttempts: Int?
    public var rules: JobRules

    public init(
        repository: String, ref: String, command: String, environment: [String: String] = [:], labels: [String] = [],
        priority: Int? = nil, timeoutSeconds: Int? = nil, maxAttempts: Int? = nil, rules: JobRules = JobRules()
    ) {
        self.rules = rules
        self.repository = repository
        self.ref = ref
        self.command = command
        self.environment = environment
        self.labels = labels
        self.priority = priority
        self.timeoutSeconds = timeoutSeconds
        self.maxAttempts = maxAttempts
    }
}

/// Checks a submission and writes it as a build of one job with two steps, checkout and command.
public struct SubmitBuild: Sendable {
    private let store: any BuildStore
    private let surroundings: Surroundings
    private let limits: SubmitLimits
    private let metrics: Metrics

    public init(store: any BuildStore, surroundings: Surroundings, limits: SubmitLimits, metrics: Metrics) {
        self.store = store
        self.surroundings = surroundings
        self.limits = limits
        self.metrics = metrics
    }

    /// - Parameter key: makes a repeated submit return the first build.
    /// - Returns: the build, and whether this call made it.
    /// - Throws: ``UseCaseError/invalid(_:)`` with everything that is wrong, ``UseCaseError/keyTaken(_:)``.
    public func callAsFunction(
        _ submission: Submission, key: String?
    ) async throws(UseCaseError) -> (build: Build, isNew: Bool) {
        let seed = try makeSeed(submission)
        let idempotency = try key.map { (key) throws(UseCaseError) in try makeKey(key, submission) }
        do {
            switch try await store.insert(key: idempotency, { Build(seed: seed, at: $0) }) {
            case .inserted(let build):
                metrics.add(1, to: .buildsSubmitted)
                return (build, true)
            case .repeated(let build): return (build, false)
            case .keyTaken(let id): throw UseCaseError.keyTaken(id)
            }
        } catch let error as StoreError {
            throw .store(error)
        } catch let error as UseCaseError {
            throw error
        } catch {
            throw .store(.broken("\(error)"))
        }
    }

    private func makeKey(_ key: String, _ submission: Submission) throws(UseCaseError) -> IdempotencyKey {
        let isPrintable = key.utf8.allSatisfy { (0x21...0x7E).contains($0) }
        guard !key.isEmpty, key.utf8.count <= limits.maximumKeyBytes, isPrintable else {
            throw .invalid([
                InvalidInput(
                    field: "Idempotency-Key",
                    message: "must be 1 to \(limits.maximumKeyBytes) printable ASCII characters without spaces")
            ])
        }
        let digest = SHA256.hash(data: Array(submission.canonicalText.utf8))
        return IdempotencyKey(key: key, fingerprint: hexadecimal(digest))
    }

    private func makeSeed(_ submission: Submission) throws(UseCaseError) -> BuildSeed {
        var problems = limits.problems(of: submission)
        let repository = collect(&problems) { () throws(InvalidInput) in
            try RepositoryURL(submission.repository, allowLocal: limits.allowsLocalRepositories)
        }
        let ref = collect(&problems) { () throws(InvalidInput) in try GitRef(submission.ref) }
        let labels = submission.labels.compactMap { text in
            collect(&problems) { () throws(InvalidInput) in try Label(text) }
        }
        guard problems.isEmpty, let repository, let ref else { throw .invalid(problems) }
        var rules = submission.rules
        rules.queueTimeoutSeconds = rules.queueTimeoutSeconds ?? limits.defaultQueueTimeoutSeconds
        let job = JobSpec(
            name: "build", labels: Set(labels), steps: [.checkout, .run(command: submission.command)],
            environment: submission.environment,
            timeoutSeconds: submission.timeoutSeconds ?? limits.defaultTimeoutSeconds,
            maxAttempts: submission.maxAttempts ?? 1, rules: rules)
        return BuildSeed(
            id: surroundings.identifier(), repository: repository, ref: ref, command: submission.command,
            priority: submission.priority ?? 0, jobs: [JobSeed(id: surroundings.identifier(), spec: job)])
    }

    private func collect<Value>(
        _ problems: inout [InvalidInput], _ make: () throws(InvalidInput) -> Value
    ) -> Value? {
        do { return try make() } catch {
            problems.append(error)
            return nil
        }
    }
}

extension Submission {
    /// The same text for the same submission, whatever the order of its dictionaries.
    fileprivate var canonicalText: String {
        let variables = environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        let parts =
            [repository, ref, command, "\(variables)", "\(labels.sorted())"]
            + [priority, timeoutSeconds, maxAttempts].map { $0.map { String($0) } ?? "-" }
        // What was not there when the first keys were used must not change their fingerprints.
        let all = rules == JobRules() ? parts : parts + [RulesJSON.text(of: rules)]
        return all.map { "\($0.utf8.count):\($0)" }.joined()
    }
}
