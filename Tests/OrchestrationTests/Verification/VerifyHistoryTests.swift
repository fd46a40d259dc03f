import BuildDomain
import Orchestration
import Synchronization
import TestSupport
import Testing

@Suite struct VerifyHistoryTests {
    private let house = House()
    private let lines = ["one", "two"]

    @Test func whatWentItsWayIsClean() async throws {
        try await house.submit()
        let running = try await house.started()
        try await house.log(lines, of: running)
        for (outcome, reason) in [(AttemptStatus.success, Reason?.none), (.failed, .script), (.canceled, .canceled)] {
            let attempt = try await house.started()
            try await house.log(lines, of: attempt)
            try await house.finish(attempt, end(outcome, reason, lines: lines))
        }
        try await house.retried()
        let (findings, counts) = try await verify()
        #expect(findings.isEmpty)
        #expect(counts.builds == 6)
        #expect(counts.attempts == 6)
        #expect(counts.logBytes == 5 * 8)
    }

    @Test func thePagesTogetherAreEverything() async throws {
        for _ in 0..<1003 { try await house.submit() }
        #expect(try await verify().counts.builds == 1003)
    }

    @Test func aLogIsReadInPieces() async throws {
        let attempt = try await house.started()
        let long = (0..<4000).map { "\($0) " + String(repeating: "x", count: 1000) }
        var extent = LogExtent()
        for start in stride(from: 0, to: long.count, by: 100) {
            let part = Array(long[start..<(start + 100)])
            extent = try await house.services.controlPlane.append(chunk(part, after: extent), to: attempt)
        }
        try await house.finish(attempt, end(lines: long))
        let store = EditedStore(house.memory)
        let counts = try await VerifyHistory(store: store).all { Issue.record("\($0)") }
        #expect(counts.logBytes == extent.length)
        #expect(store.logReads.count >= 4)
        #expect(store.logReads.allSatisfy { $0 <= 1024 * 1024 + 110_000 })
    }

    @Test func aBuildThatCannotBeReadDoesNotHideTheOthers() async throws {
        let builds = try await [house.submit(), house.submit(), house.submit()]
        let broken = builds[1].id
        let (findings, counts) = try await verify { edits in
            edits.rows = { (build) throws(StoreError) in
                if build.id == broken { throw .broken("jobs 1: column steps holds no text") }
                return build
            }
        }
        #expect(findings.map(\.build) == [broken.description])
        #expect(findings.map(\.kind) == [.unreadable])
        #expect(findings.first?.found == "jobs 1: column steps holds no text")
        #expect(counts.builds == 3)
        #expect(counts.findings == 1)
    }

    @Test func logsOfABuildWhoseRowsAreGoneAreStillChecked() async throws {
        let attempt = try await house.started()
        try await house.log(lines, of: attempt)
        try await house.finish(attempt, end(lines: lines))
        let (findings, counts) = try await verify { edits in
            edits.rows = { (_) throws(StoreError) in throw .notFound }
            edits.chunks = { chunks in
                chunks.map { chunk in chunk.with(text: chunk.text.map { $0 == UInt8(ascii: "e") ? $0 + 1 : $0 }) }
            }
        }
        #expect(findings.map(\.kind) == [.lost, .log])
        #expect(counts.logBytes == 8)
    }

    @Test func anIDThatIsNoneIsNamed() async throws {
        try await house.submit()
        let (findings, counts) = try await verify { $0.ids = { ["zzz"] + $0 } }
        #expect(findings.map(\.build) == ["zzz"])
        #expect(findings.map(\.kind) == [.unreadable])
        #expect(counts.builds == 2)
    }

    @Test func aStoreThatIsAwayIsNoFinding() async throws {
        try await house.submit()
        await #expect(throws: StoreError.unavailable("away")) {
            _ = try await verify { $0.rows = { (_) throws(StoreError) in throw .unavailable("away") } }
        }
    }

    @Test func oneBuildIsLookedAtAlone() async throws {
        let builds = try await [house.submit(), house.submit()]
        let edits = EditedStore.Edits(history: { (_, events) throws(StoreError) in events + [events[0]] })
        let verify = VerifyHistory(store: EditedStore(house.memory, edits))
        let findings = Mutex<[HistoryFinding]>([])
        let counts = try await verify.one(builds[0].id) { finding in findings.withLock { $0.append(finding) } }
        #expect(counts.builds == 1)
        #expect(findings.withLock { $0.map(\.build) } == [builds[0].id.description])
        await #expect(throws: StoreError.notFound) { try await verify.one(BuildID(high: 1, low: 1)) { _ in } }
    }

    private func verify(
        _ edit: (inout EditedStore.Edits) -> Void = { _ in }
    ) async throws -> (findings: [HistoryFinding], counts: HistoryCheckCounts) {
        try await house.verify(edit)
    }
}

/// Builds that change while they are looked at.
@Suite struct VerifyWhileWritingTests {
    private let house = House()

    @Test func aBuildThatChangedMeanwhileIsLookedAtAgain() async throws {
        let build = try await house.submit()
        let reads = ReadCounter()
        let cancel = house.services.cancelBuild
        let (findings, counts) = try await house.verify { edits in
            edits.afterHistory = { id in
                // Between its history and its rows.
                if reads.next() == 1 { _ = try await cancel(id) }
            }
        }
        #expect(findings.isEmpty)
        #expect(counts.undecided == 0)
        #expect(try await house.store.build(build.id).status == .canceled)
        // The first look, whether anything had changed, and the second look.
        #expect(reads.count == 3)
    }

    @Test func aBuildThatChangesEveryTimeIsNotCalledWrong() async throws {
        let attempt = try await house.started()
        let reads = ReadCounter()
        let plane = house.services.controlPlane
        let (findings, counts) = try await house.verify { edits in
            edits.afterHistory = { _ in
                let number = reads.next()
                try await plane.report(
                    AttemptProgress(commit: nil, steps: [Step(name: "step \(number)")]), of: attempt)
            }
        }
        #expect(findings.isEmpty)
        #expect(counts.undecided == 1)
        #expect(counts.findings == 0)
        #expect(reads.count == 40)
    }

    @Test func damageIsFoundThoughTheBuildChangedOnce() async throws {
        let attempt = try await house.started()
        let reads = ReadCounter()
        let plane = house.services.controlPlane
        let (findings, _) = try await house.verify { edits in
            edits.history = { (_, events) throws(StoreError) in events.filter { $0.event.kind != "started" } }
            edits.afterHistory = { _ in
                guard reads.next() == 1 else { return }
                try await plane.report(AttemptProgress(commit: nil, steps: [Step(name: "new")]), of: attempt)
            }
        }
        #expect(findings.map(\.subject) == ["status of the build", "time of the start of the build"])
    }
}

extension House {
    /// Verifies everything in a store whose answers are edited.
    func verify(
        _ edit: (inout EditedStore.Edits) -> Void = { _ in }
    ) async throws -> (findings: [HistoryFinding], counts: HistoryCheckCounts) {
        var edits = EditedStore.Edits()
        edit(&edits)
        let findings = Mutex<[HistoryFinding]>([])
        let verify = VerifyHistory(store: EditedStore(memory, edits))
        let counts = try await verify.all { finding in findings.withLock { $0.append(finding) } }
        return (findings.withLock { $0 }, counts)
    }

    func log(_ lines: [String], of attempt: AttemptReference) async throws {
        let stored = try await services.controlPlane.append(chunk([lines[0]]), to: attempt)
        _ = try await services.controlPlane.append(chunk(Array(lines.dropFirst()), after: stored), to: attempt)
    }

    func finish(_ attempt: AttemptReference, _ end: AttemptEnd) async throws {
        try await services.controlPlane.finish(attempt, progress: noProgress, end: end)
    }

    /// A build whose first attempt failed with a log and whose second one succeeded.
    @discardableResult
    func retried() async throws -> AttemptReference {
        let lines = ["one", "two"]
        let first = try await started(maxAttempts: 2)
        try await log(lines, of: first)
        try await finish(first, end(.failed, .script, lines: lines))
        let second = try #require(try await claim().first).reference
        try await finish(second, end())
        return second
    }
}

extension LogChunk {
    func with(text: [UInt8]) -> LogChunk {
        LogChunk(offset: offset, firstLine: firstLine, runs: runs, text: text)
    }
}

final class ReadCounter: Sendable {
    private let state = Mutex(0)

    var count: Int { state.withLock { $0 } }

    /// 1 when it is asked first.
    func next() -> Int {
        state.withLock { count in
            count += 1
            return count
        }
    }
}
