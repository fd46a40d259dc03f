import BuildDomain
import Orchestration
import TestSupport
import Testing

@Suite struct FinishAttemptTests {
    private let house = House()
    private let lines = ["one", "two", "three"]

    @Test func aLogThatIsWhatTheSealSaysEndsTheAttempt() async throws {
        let attempt = try await house.started()
        try await append(to: attempt)
        try await finish(attempt, end(lines: lines))
        #expect(try await house.status(of: attempt) == .success)
    }

    @Test func aLogOfManyChunksIsHashedWhole() async throws {
        let attempt = try await house.started()
        let long = (0..<3000).map { "\($0) " + String(repeating: "x", count: 2000) }
        var extent = LogExtent()
        for start in stride(from: 0, to: long.count, by: 500) {
            let part = Array(long[start..<(start + 500)])
            extent = try await house.services.controlPlane.append(chunk(part, after: extent), to: attempt)
        }
        #expect(extent.length > 6_000_000)
        try await finish(attempt, end(lines: long))
        #expect(try await house.status(of: attempt) == .success)
    }

    @Test func aLogThatCameThroughTwoServersIsReadBack() async throws {
        let attempt = try await house.started()
        let neighbour = house.neighbour().controlPlane
        let first = chunk(["one"])
        let stored = try await neighbour.append(first, to: attempt)
        _ = try await house.services.controlPlane.append(chunk(["two", "three"], after: stored), to: attempt)
        await #expect(throws: ControlPlaneError.resume(stored: seal(of: lines).extent)) {
            try await finish(attempt, end(lines: ["one", "two", "threE"]))
        }
        try await finish(attempt, end(lines: lines))
        #expect(try await house.status(of: attempt) == .success)
    }

    @Test(arguments: ["wrong hash", "short", "long", "wrong lines", "missing", "empty", "negative"])
    func aLogThatIsNotWhatTheSealSaysIsNoEnd(what: String) async throws {
        let attempt = try await house.started()
        let stored = try await append(to: attempt)
        var bad = end(lines: lines)
        switch what {
        case "wrong hash": bad.seal?.sha256 = seal(of: ["one", "two", "threE"]).sha256
        case "short": bad.seal = seal(of: lines + ["four"])
        case "long": bad.seal = seal(of: Array(lines.dropLast()))
        case "wrong lines": bad.seal?.extent.lines += 1
        case "missing": bad.seal = nil
        case "empty": bad.seal = .empty
        default: bad.seal?.extent.length = -1
        }
        let broken = bad
        await #expect(throws: ControlPlaneError.resume(stored: stored), "\(what)") { try await finish(attempt, broken) }
        #expect(try await house.status(of: attempt) == .running)
        try await finish(attempt, end(lines: lines))
    }

    @Test func theSealOfNothingHasAHashToo() async throws {
        let attempt = try await house.started()
        var bad = end()
        bad.seal?.sha256 = String(repeating: "0", count: 64)
        let broken = bad
        await #expect(throws: ControlPlaneError.resume(stored: LogExtent())) { try await finish(attempt, broken) }
        try await finish(attempt, end())
        #expect(try await house.status(of: attempt) == .success)
    }

    @Test func repeatingItIsHarmlessAndAnotherEndIsStale() async throws {
        let attempt = try await house.started()
        try await append(to: attempt)
        for _ in 0..<3 { try await finish(attempt, end(.failed, .script, lines: lines)) }
        await #expect(throws: ControlPlaneError.stale) { try await finish(attempt, end(lines: lines)) }
        #expect(try await house.status(of: attempt) == .failed)
    }

    @Test func anEndedAttemptTakesNoMoreLinesOrProgress() async throws {
        let attempt = try await house.started()
        try await finish(attempt, end())
        await #expect(throws: ControlPlaneError.stale) {
            try await house.services.controlPlane.append(chunk(["late"]), to: attempt)
        }
        await #expect(throws: ControlPlaneError.stale) {
            try await house.services.controlPlane.report(AttemptProgress(commit: nil, steps: []), of: attempt)
        }
    }

    @Test func anAttemptOfNoBuildIsStale() async throws {
        var attempt = try await house.started()
        attempt.build = BuildID(high: 4, low: 4)
        let strange = attempt
        await #expect(throws: ControlPlaneError.stale) { try await finish(strange, end()) }
    }

    @Test func theWorkerIsToldWhatAStoreMeans() {
        let attempt = AttemptID(high: 1, low: 1)
        let stored = LogExtent(length: 3, lines: 1)
        let table: [(StoreError, ControlPlaneError)] = [
            (.notFound, .stale), (.refused(.staleAttempt(attempt)), .stale),
            (.refused(.logGap(stored: stored)), .resume(stored: stored)),
            (.refused(.logNotSealed(stored: stored)), .resume(stored: stored)),
            (.unavailable("x"), .unavailable("x")), (.outcomeUnknown("x"), .unavailable("x")),
            (.broken("x"), .unavailable("the store failed: x")),
        ]
        for (error, meaning) in table { #expect(ControlPlaneError(error) == meaning) }
        for refusal in [Refusal.logConflict(stored: stored), .alreadyFinished(.failed)] {
            guard case .rejected = ControlPlaneError(.refused(refusal)) else {
                Issue.record("\(refusal) can be repeated for ever")
                continue
            }
        }
    }

    @discardableResult
    private func append(to attempt: AttemptReference) async throws -> LogExtent {
        try await house.services.controlPlane.append(chunk(lines), to: attempt)
    }

    private func finish(_ attempt: AttemptReference, _ end: AttemptEnd) async throws(ControlPlaneError) {
        try await house.services.controlPlane.finish(attempt, progress: noProgress, end: end)
    }
}
