import BuildDomain

/// Holds everything that is stored against its history: whether a build was lost, changed behind the system's back, or
/// has a log that is not what its worker sealed.
///
/// It only reads, one build after the other, and may do so while servers and workers write.
public struct VerifyHistory: Sendable {
    /// Ids read at a time.
    static let page = 500
    /// Bytes of log text after which one read stops.
    static let logBytes = 1024 * 1024
    /// How often a build that changes meanwhile is looked at before it is left undecided.
    static let looks = 20

    private let store: any HistoryStore

    public init(store: any HistoryStore) { self.store = store }

    /// The ids of the newest builds that have one.
    public func newest(_ limit: Int) async throws(StoreError) -> [BuildID] {
        try await store.storedIDs(before: nil, limit: limit).compactMap { BuildID($0) }
    }

    /// Goes through all builds, newest first, to the end, whatever it finds.
    /// - Parameters:
    ///   - progress: told after each build how far it is.
    ///   - report: told each finding at once; nothing of them is kept.
    /// - Throws: ``StoreError`` where the store as a whole cannot be read.
    public func all(
        progress: (HistoryCheckCounts) -> Void = { _ in }, report: (HistoryFinding) -> Void
    ) async throws(StoreError) -> HistoryCheckCounts {
        var counts = HistoryCheckCounts()
        var last: String?
        while true {
            let keys = try await store.storedIDs(before: last, limit: Self.page)
            for key in keys {
                counts = counts + (try await check(key, report: report))
                progress(counts)
            }
            guard keys.count == Self.page else { return counts }
            last = keys.last
        }
    }

    /// Looks at one build.
    /// - Throws: ``StoreError/notFound`` where there is nothing of such a build.
    public func one(
        _ id: BuildID, report: (HistoryFinding) -> Void
    ) async throws(StoreError) -> HistoryCheckCounts {
        if try await rows(of: id) == .failure(.notFound), try await history(of: id) == .failure(.notFound) {
            throw .notFound
        }
        return try await check(id.description, report: report)
    }

    private func check(
        _ key: String, report: (HistoryFinding) -> Void
    ) async throws(StoreError) -> HistoryCheckCounts {
        let look = try await judge(key)
        var counts = HistoryCheckCounts()
        counts.builds = 1
        guard let look else {
            counts.undecided = 1
            return counts
        }
        counts.attempts = look.attempts
        counts.logBytes = look.logBytes
        counts.findings = look.findings.count
        for finding in look.findings { report(finding.of(build: key)) }
        return counts
    }
}

/// What was seen of a build, piece by piece: rows, history and logs are read one after the other.
private struct Look {
    var history: Result<[RecordedEvent], StoreError>
    var findings: [HistoryFinding]
    var attempts = 0
    var logBytes: Int64 = 0
}

extension VerifyHistory {
    /// - Returns: `nil` where the build changed each time it was looked at.
    private func judge(_ key: String) async throws(StoreError) -> Look? {
        guard let id = BuildID(key), id.description == key else {
            let finding = HistoryFinding(.unreadable, "id of the build", expected: "a UUID in lower case", found: key)
            return Look(history: .failure(.notFound), findings: [finding])
        }
        for _ in 1...Self.looks {
            let look = try await look(at: id)
            if look.findings.isEmpty { return look }
            // Every change adds to the history: where that is still the same, what was seen belongs together.
            if try await history(of: id) == look.history { return look }
        }
        return nil
    }

    private func look(at id: BuildID) async throws(StoreError) -> Look {
        let history = try await history(of: id)
        let checks = BuildChecks(rows: try await rows(of: id), history: history)
        var look = Look(history: history, findings: checks.findings)
        for attempt in checks.build?.jobs.flatMap(\.attempts) ?? [] {
            look.attempts += 1
            let (finding, bytes) = try await checkLog(of: attempt)
            look.logBytes += bytes
            if let finding { look.findings.append(finding) }
        }
        return look
    }

    private func checkLog(of attempt: Attempt) async throws(StoreError) -> (HistoryFinding?, bytes: Int64) {
        var check = LogCheck()
        let seal = attempt.end?.seal
        func finding(_ difference: (expected: String, found: String)) -> HistoryFinding {
            HistoryFinding(
                .log, "log", of: attempt.id, expected: difference.expected, found: difference.found)
        }
        do throws(StoreError) {
            let end = max(try await store.extent(of: attempt.id).length, seal?.extent.length ?? 0)
            while check.extent.length < end {
                let chunks = try await store.log(
                    of: attempt.id, from: check.extent.lines + 1, byteLimit: Self.logBytes)
                guard !chunks.isEmpty else { return (finding(check.gap(before: end)), check.extent.length) }
                for chunk in chunks {
                    if let difference = check.add(chunk) { return (finding(difference), check.extent.length) }
                }
            }
        } catch .broken(let message) {
            let finding = HistoryFinding(
                .unreadable, "log", of: attempt.id, expected: "a log that can be read", found: message)
            return (finding, check.extent.length)
        }
        guard let seal, check.seal != seal else { return (nil, check.extent.length) }
        return (finding((seal.words, check.seal.words)), check.extent.length)
    }

    private func rows(of id: BuildID) async throws(StoreError) -> Result<Build, StoreError> {
        try await attempted { () async throws(StoreError) in try await store.build(id) }
    }

    private func history(of id: BuildID) async throws(StoreError) -> Result<[RecordedEvent], StoreError> {
        try await attempted { () async throws(StoreError) in try await store.history(of: id) }
    }

    /// What is wrong with one build is a result like any other; what is wrong with the store ends the search.
    private func attempted<Value: Sendable>(
        _ read: () async throws(StoreError) -> Value
    ) async throws(StoreError) -> Result<Value, StoreError> {
        do throws(StoreError) { return .success(try await read()) } catch {
            switch error {
            case .notFound, .broken, .refused: return .failure(error)
            case .unavailable, .outcomeUnknown: throw error
            }
        }
    }
}
