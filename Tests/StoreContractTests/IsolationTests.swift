import BuildDomain
import Orchestration
import Synchronization
import Testing

/// Writes that come together share transactions; they must not be able to tell.
@Suite(.timeLimit(.minutes(1))) struct IsolationTests {
    @Test(arguments: StoreKind.allCases) func aRefusedWriteDoesNotTouchItsNeighbours(kind: StoreKind) async throws {
        try await kind.use { test in
            try await concurrently(120) { _ in try await test.submit() }
            let attempts = try await test.claim(limit: 120)
            try await concurrently(attempts.count) { index in
                if index % 3 == 0 {
                    await #expect(throws: StoreError.refused(.alreadyFinished(.failed))) {
                        try await test.store.change(ChangeTarget(build: attempts[index].build)) {
                            (build, context) throws(Refusal) in
                            try build.cancel(at: context.now)
                            throw .alreadyFinished(.failed)
                        }
                    }
                } else {
                    try await test.finish(attempts[index])
                }
            }
            for (index, attempt) in attempts.enumerated() {
                let build = try await test.store.build(attempt.build)
                #expect(build.status == (index % 3 == 0 ? .running : .success))
                #expect(build.cancelRequestedAt == nil)
            }
        }
    }

    @Test(arguments: StoreKind.allCases) func changesOfOneBuildFollowOneAnother(kind: StoreKind) async throws {
        try await kind.use { test in
            let attempt = try await test.start()
            try await concurrently(50) { index in
                let target = ChangeTarget(build: attempt.build, attempt: attempt.attempt)
                try await test.store.change(target) { (build, context) throws(Refusal) in
                    let (_, live) = try build.live(attempt.attempt)
                    let steps = live.steps + [Step(name: "step \(index)")]
                    try build.report(
                        AttemptProgress(commit: nil, steps: steps), attempt: attempt.attempt, at: context.now)
                }
            }
            let build = try await test.store.build(attempt.build)
            let names = Set(build.jobs[0].attempts[0].steps.map(\.name))
            #expect(names.isSuperset(of: (0..<50).map { "step \($0)" }))
            #expect(try await Build(replaying: test.store.history(of: attempt.build)) == build)
        }
    }

    @Test(arguments: StoreKind.allCases) func aReaderSeesWholeBuilds(kind: StoreKind) async throws {
        try await kind.use { test in
            let jobs = [Fixture.spec("a"), Fixture.spec("b", needs: ["a"])]
            try await concurrently(20) { _ in try await test.submit(Fixture.seed(jobs)) }
            let isDone = Atomic(false)
            // One reads for as long as the others write.
            try await concurrently(9) { index in
                if index > 0 {
                    while let attempt = try await test.claim().first { try await test.finish(attempt) }
                    isDone.store(true, ordering: .releasing)
                }
                while !isDone.load(ordering: .acquiring) {
                    for build in try await test.store.builds(BuildQuery(limit: 50)) {
                        #expect(build.isWhole)
                        #expect(try await test.store.build(build.id).isWhole)
                    }
                }
            }
            #expect(try await test.store.statistics().builds == [.success: 20])
        }
    }

    @Test(arguments: StoreKind.allCases) func nothingIsSavedOfAChangeThatChangesNothing(kind: StoreKind) async throws {
        try await kind.use { test in
            let build = try await test.submit()
            let answer = try await test.store.change(ChangeTarget(build: build.id)) { (build, _) throws(Refusal) in
                build.priority
            }
            #expect(answer == 0)
            #expect(try await test.store.build(build.id) == build)
            #expect(try await test.store.history(of: build.id).count == 1)
        }
    }
}

extension Build {
    /// Its parts belong to one moment.
    fileprivate var isWhole: Bool {
        let jobsAgree = jobs.allSatisfy { job in
            (job.status == .running) == (job.liveAttempt != nil)
                && (job.status != .success || job.attempts.last?.status == .success)
        }
        let isReleased = jobs[1].status == .waiting || jobs[0].status == .success
        return jobsAgree && isReleased && (status == .success) == jobs.allSatisfy { $0.status == .success }
    }
}
