import BuildDomain
import Orchestration

/// One transaction on many builds: load all, decide in memory, write all.
struct BuildTransaction {
    private var loaded: LoadedBuilds
    /// What has become of the changed builds so far; each remembers in `recorded` what happened since it was loaded.
    private var changed: [BuildID: Build] = [:]
    /// Keys that a submit of this transaction has used, with the build it made.
    private var fresh: [String: (fingerprint: String, build: Build)] = [:]
    private var writes = BuildWrites()
    private var settlements: [Settlement] = []

    static func run(
        _ requests: [BuildRequest], in session: PostgresSession, notifier: Notifier
    ) throws -> LaneOutcome {
        var transaction = BuildTransaction(loaded: try LoadedBuilds(requests, in: session))
        try transaction.loaded.loadRepeated(requests, in: session)
        for request in requests {
            switch request {
            case .insert(let insert): transaction.carryOut(insert)
            case .change(let change): transaction.carryOut(change)
            }
        }
        return try transaction.commit(in: session, notifier: notifier)
    }

    private init(loaded: LoadedBuilds) { self.loaded = loaded }

    private mutating func carryOut(_ insert: BuildRequest.Insert) {
        let insertion = insertion(insert)
        settlements.append { error in insert.answer(error.map(Result.failure) ?? .success(insertion)) }
    }

    private mutating func insertion(_ insert: BuildRequest.Insert) -> Insertion {
        if let key = insert.key {
            if let known = loaded.known[key.key] {
                guard known.fingerprint == key.fingerprint, let build = loaded.builds[known.id] else {
                    return .keyTaken(known.id)
                }
                return .repeated(changed[known.id]?.withoutRecorded ?? build)
            }
            if let known = fresh[key.key] {
                return known.fingerprint == key.fingerprint ? .repeated(known.build) : .keyTaken(known.build.id)
            }
        }
        let change = BuildChange(from: nil, to: insert.make(loaded.now))
        writes.insert(change, key: insert.key)
        if let key = insert.key { fresh[key.key] = (key.fingerprint, change.build) }
        return .inserted(change.build)
    }

    private mutating func carryOut(_ change: BuildRequest.Change) {
        let target = change.target
        guard var build = changed[target.build] ?? loaded.builds[target.build] else {
            settlements.append { change.refuse($0 ?? .notFound) }
            return
        }
        var context = ChangeContext(now: loaded.now, log: LogExtent())
        if let attempt = target.attempt {
            guard build.jobs.contains(where: { $0.attempts.contains { $0.id == attempt } }) else {
                settlements.append { change.refuse($0 ?? .refused(.staleAttempt(attempt))) }
                return
            }
            context.log = loaded.extents[attempt] ?? LogExtent()
        }
        settlements.append(change.decide(&build, context))
        changed[target.build] = build
    }

    private consuming func commit(in session: PostgresSession, notifier: Notifier) throws -> LaneOutcome {
        for (id, after) in changed {
            guard let before = loaded.builds[id] else { continue }
            writes.update(BuildChange(from: before, to: after), before: before)
        }
        try session.commit(writes.statements() + notifier.statements(for: writes.topics))
        return LaneOutcome(settlements: settlements, topics: writes.topics)
    }
}
