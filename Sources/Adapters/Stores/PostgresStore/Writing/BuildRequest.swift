import BuildDomain
import Orchestration

/// A build to be written: a new one or a change.
enum BuildRequest: LaneRequest {
    case insert(Insert)
    case change(Change)

    struct Insert: Sendable {
        let key: IdempotencyKey?
        let make: @Sendable (Timestamp) -> Build
        let answer: @Sendable (Result<Insertion, StoreError>) -> Void
    }

    struct Change: Sendable {
        let target: ChangeTarget
        /// Changes the build, or leaves it as it was where the domain refuses.
        let decide: @Sendable (inout Build, ChangeContext) -> Settlement
        let refuse: @Sendable (StoreError) -> Void
    }

    func refuse(_ error: StoreError) {
        switch self {
        case .insert(let insert): insert.answer(.failure(error))
        case .change(let change): change.refuse(error)
        }
    }
}

/// What a transaction's first round trip brings: all builds to be changed, locked, and what the decisions may know.
struct LoadedBuilds {
    var now = Timestamp(milliseconds: 0)
    var builds: [BuildID: Build] = [:]
    var extents: [AttemptID: LogExtent] = [:]
    /// Keys of submits that were used before.
    var known: [String: (id: BuildID, fingerprint: String)] = [:]

    init(_ requests: [BuildRequest], in session: PostgresSession) throws {
        var targets: Set<BuildID> = []
        var attempts: Set<AttemptID> = []
        var keys: Set<String> = []
        for request in requests {
            switch request {
            case .insert(let insert):
                if let key = insert.key?.key { keys.insert(key) }
            case .change(let change):
                targets.insert(change.target.build)
                if let attempt = change.target.attempt { attempts.insert(attempt) }
            }
        }
        var batch = StatementBatch()
        let sortedKeys = PostgresValue.textArray(keys.sorted())
        if !keys.isEmpty { batch.add(BuildSQL.lockKeys, [sortedKeys]) }
        let known = keys.isEmpty ? nil : batch.add(BuildSQL.byKey, [sortedKeys])
        let ids = PostgresValue.ids(targets)
        if !targets.isEmpty { batch.add(BuildSQL.lockBuilds, [ids]) }
        if !attempts.isEmpty { batch.add(BuildSQL.lockAttempts, [.ids(attempts)]) }
        let builds = targets.isEmpty ? nil : batch.add(BuildSQL.load, [ids])
        let extents = attempts.isEmpty ? nil : batch.add(LogSQL.extents, [.ids(attempts)])
        // After the locks, so that the times of one build's history never run backwards.
        let clock = batch.add(BuildSQL.readClock)
        let results = try session.pipeline(batch.statements)
        now = try results[clock].only().time(0)
        if let known {
            for row in results[known].rows { self.known[try row.text(1)] = (try row.identifier(0), try row.text(2)) }
        }
        if let builds { add(try BuildReader.builds(results[builds])) }
        if let extents { self.extents = try LogSQL.extents(results[extents]) }
    }

    /// Also those that a repeated submit is answered with, which are not changed and so not locked.
    mutating func loadRepeated(_ requests: [BuildRequest], in session: PostgresSession) throws {
        var ids: Set<BuildID> = []
        for case .insert(let insert) in requests {
            guard let key = insert.key, let known = known[key.key], known.fingerprint == key.fingerprint,
                builds[known.id] == nil
            else { continue }
            ids.insert(known.id)
        }
        guard !ids.isEmpty else { return }
        add(try BuildReader.builds(try session.query(BuildSQL.load, [.ids(ids)])))
    }

    private mutating func add(_ loaded: [Build]) {
        for build in loaded { builds[build.id] = build }
    }
}

/// Statements that are sent together, and where to find their results.
struct StatementBatch {
    private(set) var statements: [PostgresStatement] = []

    @discardableResult
    mutating func add(_ sql: String, _ parameters: [PostgresValue] = []) -> Int {
        statements.append(PostgresStatement(sql, parameters))
        return statements.count - 1
    }
}
