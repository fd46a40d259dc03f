import BuildDomain
import Orchestration
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1))) struct FencingTests {
    private func expectStale(_ attempt: AttemptReference, in test: StoreUnderTest) async {
        let stale = StoreError.refused(.staleAttempt(attempt.attempt))
        await #expect(throws: stale) { try await test.store.append(Fixture.chunk(1...2), to: attempt.attempt) }
        await #expect(throws: stale) { try await test.report(Fixture.progress(nil), of: attempt) }
        await #expect(throws: stale) {
            try await test.finish(attempt, Fixture.end(.failed, reason: .script, exitCode: 3))
        }
        await #expect(throws: stale) { try await test.lose(attempt) }
    }

    @Test(arguments: StoreKind.allCases) func aLostAttemptWritesNoMore(kind: StoreKind) async throws {
        try await kind.use { test in
            let lost = try await test.start()
            try await test.lose(lost)
            await expectStale(lost, in: test)
            let next = try #require(try await test.claim().first)
            #expect(next.job == lost.job && next.attempt != lost.attempt)
            await expectStale(lost, in: test)
            try await test.finish(next)
            await expectStale(lost, in: test)
            let attempts = try await test.store.build(lost.build).jobs[0].attempts
            #expect(attempts.map(\.status) == [.failed, .success])
            #expect(attempts.map(\.end?.reason) == [.workerLost, nil])
        }
    }

    @Test(arguments: StoreKind.allCases) func aFinishedAttemptWritesNoMore(kind: StoreKind) async throws {
        try await kind.use { test in
            let attempt = try await test.start()
            try await test.finish(attempt)
            await expectStale(attempt, in: test)
        }
    }

    @Test(arguments: StoreKind.allCases) func anUnknownAttemptIsStale(kind: StoreKind) async throws {
        try await kind.use { test in
            let real = try await test.start()
            await expectStale(AttemptReference(build: real.build, job: real.job, attempt: Fresh.id()), in: test)
        }
    }

    @Test(arguments: StoreKind.allCases) func anAttemptOfAnotherBuildIsStale(kind: StoreKind) async throws {
        try await kind.use { test in
            let mine = try await test.start()
            let other = try await test.start()
            let mixed = ChangeTarget(build: other.build, attempt: mine.attempt)
            await #expect(throws: StoreError.refused(.staleAttempt(mine.attempt))) {
                try await test.store.change(mixed) { (build, context) throws(Refusal) in
                    try build.cancel(at: context.now)
                }
            }
            #expect(try await test.store.build(other.build).cancelRequestedAt == nil)
        }
    }

    @Test(arguments: StoreKind.allCases) func finishingTwiceAlikeIsHarmless(kind: StoreKind) async throws {
        try await kind.use { test in
            let attempt = try await test.start()
            let end = Fixture.end(.failed, reason: .script, exitCode: 3)
            try await test.finish(attempt, end)
            let first = try await test.store.build(attempt.build)
            let history = try await test.store.history(of: attempt.build)
            try await test.finish(attempt, end)
            #expect(try await test.store.build(attempt.build) == first)
            #expect(try await test.store.history(of: attempt.build) == history)
            #expect(first.status == .failed && first.result == BuildResult(reason: .script, exitCode: 3))
        }
    }

    @Test(arguments: StoreKind.allCases) func anEndIsKeptWhole(kind: StoreKind) async throws {
        try await kind.use { test in
            let attempt = try await test.start()
            _ = try await test.store.append(Fixture.chunk(1...3), to: attempt.attempt)
            let extent = Fixture.chunk(1...3).end
            let end = AttemptEnd(
                outcome: .failed, reason: .script, signal: 11, error: "killed by SIGSEGV",
                seal: LogSeal(extent: extent, sha256: String(repeating: "0f", count: 32)))
            try await test.finish(attempt, end)
            let build = try await test.store.build(attempt.build)
            #expect(build.jobs[0].attempts[0].end == end)
            #expect(build.jobs[0].attempts[0].steps == Fixture.progress().steps)
            #expect(build.commit == CommitSHA(Fixture.commit))
        }
    }

    @Test(arguments: StoreKind.allCases) func theLogMustBeAsTheSealSays(kind: StoreKind) async throws {
        try await kind.use { test in
            let attempt = try await test.start()
            let all = Fixture.chunk(1...4).end
            _ = try await test.store.append(Fixture.chunk(1...2), to: attempt.attempt)
            await #expect(throws: StoreError.refused(.logNotSealed(stored: Fixture.chunk(1...2).end))) {
                try await test.finish(attempt, Fixture.end(extent: all))
            }
            _ = try await test.store.append(Fixture.chunk(3...6), to: attempt.attempt)
            await #expect(throws: StoreError.refused(.logNotSealed(stored: Fixture.chunk(1...6).end))) {
                try await test.finish(attempt, Fixture.end(extent: all))
            }
            #expect(try await test.store.build(attempt.build).status == .running)
            try await test.finish(attempt, Fixture.end(extent: Fixture.chunk(1...6).end))
        }
    }

    @Test(arguments: StoreKind.allCases) func anAppendNeverSlipsBehindTheSeal(kind: StoreKind) async throws {
        try await kind.use { test in
            for round in 0..<10 {
                let attempt = try await test.start()
                let accepted = Mutex(0)
                let sealed = Mutex<LogExtent?>(nil)
                try await concurrently(9) { index in
                    if index == 4 + round % 3 {
                        for lines in 0...8 {
                            let extent = lines == 0 ? LogExtent() : Fixture.chunk(1...lines).end
                            guard (try? await test.finish(attempt, Fixture.end(extent: extent))) != nil else {
                                continue
                            }
                            sealed.withLock { $0 = extent }
                        }
                    } else if (try? await test.store.append(Fixture.chunk(1...(index + 1)), to: attempt.attempt)) != nil
                    {
                        accepted.withLock { $0 = max($0, index + 1) }
                    }
                }
                let stored = try await test.store.extent(of: attempt.attempt)
                #expect(stored.lines >= Int64(accepted.withLock { $0 }))
                if let sealed = sealed.withLock({ $0 }) {
                    #expect(sealed == stored)
                } else {
                    try await test.finish(attempt, Fixture.end(extent: stored))
                }
            }
        }
    }
}
