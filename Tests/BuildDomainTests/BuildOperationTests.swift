import BuildDomain
import Testing

@Suite struct BuildOperationTests {
    @Test func theFirstClaimStartsTheBuild() throws {
        var build = build()
        let attempt = try build.start(at: time(5))
        #expect(build.status == .running)
        #expect(build.startedAt == time(5))
        #expect(build.status(of: "build") == .running)
        let live = try build.live(attempt).attempt
        #expect(live.number == 1)
        #expect(live.worker == worker)
        #expect(live.lease.expiresAt == time(25))
        #expect(live.steps.map(\.name) == ["checkout", "make build"])
        #expect(build.recorded.map(\.event.kind) == ["submitted", "attempt_started", "started"])
    }

    @Test func aJobIsNotClaimedTwice() throws {
        var build = build()
        try build.start()
        let before = build
        #expect { try build.start() } throws: { ($0 as? Refusal)?.isIllegal ?? false }
        #expect(build == before)
    }

    @Test func anUnknownJobIsNotClaimed() {
        var build = build()
        #expect { try build.start("nothing") } throws: { ($0 as? Refusal)?.isIllegal ?? false }
        #expect(build.status == .pending)
    }

    @Test func progressIsKeptAndTheFirstCommitIsTheBuilds() throws {
        var build = build()
        let attempt = try build.start()
        let commit = try #require(someCommit)
        var steps = [Step(name: "checkout", startedAt: time(1), finishedAt: time(2), outcome: .success)]
        steps.append(Step(name: "make", startedAt: time(2)))
        try build.report(AttemptProgress(commit: commit, steps: steps), attempt: attempt, at: time(3))
        #expect(build.commit == commit)
        #expect(try build.live(attempt).attempt.steps == steps)
        #expect(build.updatedAt == time(3))
        let other = CommitSHA(String(repeating: "0", count: 40))
        try build.report(AttemptProgress(commit: other, steps: steps), attempt: attempt, at: time(4))
        #expect(build.commit == commit)
    }

    @Test func repeatedProgressIsNoNews() throws {
        var build = build()
        let attempt = try build.start()
        try build.report(progress(someCommit), attempt: attempt, at: time(3))
        let before = build
        try build.report(progress(someCommit), attempt: attempt, at: time(9))
        #expect(build == before)
    }

    @Test func aFinishedAttemptEndsItsJobAndTheBuild() throws {
        var build = build()
        let attempt = try build.start()
        try build.end(attempt, code: 0, at: time(7))
        #expect(build.status == .success)
        #expect(build.result == BuildResult(exitCode: 0))
        #expect(build.finishedAt == time(7))
        #expect(build.job("build")?.finishedAt == time(7))
        #expect(build.job("build")?.attempts.last?.end?.seal == .empty)
    }

    @Test func theSameEndAgainChangesNothing() throws {
        var build = build()
        let attempt = try build.start()
        try build.end(attempt, .failed, .script, code: 2)
        let before = build
        try build.end(attempt, .failed, .script, code: 2, at: time(50))
        #expect(build == before)
    }

    @Test func anotherEndIsStale() throws {
        var build = build()
        let attempt = try build.start()
        try build.end(attempt, .failed, .script, code: 2)
        let before = build
        #expect(throws: Refusal.staleAttempt(attempt)) { try build.end(attempt, .success, code: 0) }
        #expect(throws: Refusal.staleAttempt(attempt)) { try build.report(progress(), attempt: attempt, at: time(9)) }
        #expect(throws: Refusal.staleAttempt(attempt)) { try build.lose(attempt: attempt, error: "", at: time(9)) }
        #expect(build == before)
    }

    @Test func anAttemptThatNeverWasIsStale() {
        var build = build()
        let stranger: AttemptID = id(77)
        #expect(throws: Refusal.staleAttempt(stranger)) { try build.end(stranger) }
        #expect(throws: Refusal.staleAttempt(stranger)) { try build.lose(attempt: stranger, error: "", at: time()) }
    }

    @Test(arguments: [
        LogExtent(length: 9, lines: 1), LogExtent(length: 10, lines: 2), LogExtent(length: 11, lines: 1), LogExtent(),
    ])
    func anAttemptWhoseLogIsNotWholeCannotEnd(stored: LogExtent) throws {
        var build = build()
        let attempt = try build.start()
        let before = build
        let seal = LogSeal(extent: LogExtent(length: 10, lines: 1), sha256: LogSeal.empty.sha256)
        let end = AttemptEnd(outcome: .success, seal: seal)
        #expect(throws: Refusal.logNotSealed(stored: stored)) {
            try build.finish(attempt: attempt, progress: progress(), end: end, stored: stored, at: time(3))
        }
        #expect(build == before)
        try build.finish(attempt: attempt, progress: progress(), end: end, stored: seal.extent, at: time(3))
        #expect(build.status == .success)
    }

    @Test func aWorkerCannotEndWithoutASealOrWithoutAnEnd() throws {
        var build = build()
        let attempt = try build.start()
        let before = build
        for end in [AttemptEnd(outcome: .success, seal: nil), AttemptEnd(outcome: .running, seal: .empty)] {
            #expect(throws: Refusal.self) {
                try build.finish(attempt: attempt, progress: progress(), end: end, stored: LogExtent(), at: time(3))
            }
            #expect(build == before)
        }
    }

    @Test func theResultIsThatOfTheFirstJobThatFailed() throws {
        var build = build(of: [job("a"), job("b"), job("c")])
        let attempts = try ["a", "b", "c"].map { (name) throws in try build.start(name) }
        try build.end(attempts[2], .failed, .timeout, code: 143)
        try build.end(attempts[1], .failed, .script, code: 3)
        #expect(build.status == .running)
        try build.end(attempts[0], code: 0)
        #expect(build.status == .failed)
        #expect(build.result == BuildResult(reason: .script, exitCode: 3))
    }

    @Test func theLastExitCodeIsThatOfASuccess() throws {
        var build = build(of: [job("a"), job("b", needs: ["a"])])
        try build.end(try build.start("a"), code: 0)
        #expect(build.status == .running)
        try build.end(try build.start("b"), code: 0)
        #expect(build.result == BuildResult(exitCode: 0))
    }

    @Test func aRefThatIsACommitIsTheCommitFromTheStart() throws {
        let sha = String(repeating: "ab", count: 20)
        let seed = BuildSeed(
            id: id(1), repository: RepositoryURL(accepted: "/r"), ref: try GitRef(sha), command: nil, priority: 0,
            jobs: [])
        #expect(Build(seed: seed, at: time()).commit?.description == sha)
    }
}

extension Refusal {
    var isIllegal: Bool {
        if case .illegalTransition = self { true } else { false }
    }
}
