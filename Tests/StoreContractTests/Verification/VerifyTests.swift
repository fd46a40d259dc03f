import BuildDomain
import Orchestration
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct VerifyTests {
    @Test(arguments: StoreKind.allCases)
    func whatWentItsWayIsClean(kind: StoreKind) async throws {
        try await kind.use { test in
            _ = try await test.everything()
            let (findings, counts) = try await test.verify()
            #expect(findings.isEmpty)
            #expect(counts.builds == Everything.builds)
            #expect(counts.attempts == Everything.attempts)
            let bytes = StoreUnderTest.chunks.reduce(0) { $0 + $1.text.count }
            #expect(counts.logBytes == Int64(6 * bytes))
        }
    }

    @Test(arguments: StoreKind.allCases)
    func storedIDsAreInOrderAndComeInPages(kind: StoreKind) async throws {
        try await kind.use { test in
            #expect(try await test.store.storedIDs(before: nil, limit: 9).isEmpty)
            var made: [String] = []
            for _ in 0..<5 { made.insert(try await test.submit().id.description, at: 0) }
            #expect(try await test.store.storedIDs(before: nil, limit: 9) == made)
            #expect(try await test.store.storedIDs(before: nil, limit: 2) == Array(made[..<2]))
            #expect(try await test.store.storedIDs(before: made[1], limit: 2) == Array(made[2...3]))
            #expect(try await test.store.storedIDs(before: made[4], limit: 2).isEmpty)
            #expect(try await test.store.storedIDs(before: nil, limit: 0).isEmpty)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func nothingIsCalledWrongWhileOthersWrite(kind: StoreKind) async throws {
        try await kind.use { test in
            let writers = Writers()
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask {
                    defer { writers.finish() }
                    try await concurrently(8) { _ in
                        for _ in 0..<5 {
                            let attempt = try await test.logged(Fixture.seed())
                            try await test.report(Fixture.progress(nil), of: attempt)
                            try await test.finish(attempt, Fixture.sealed(chunks: StoreUnderTest.chunks))
                        }
                    }
                }
                tasks.addTask {
                    while !writers.areDone {
                        let (findings, counts) = try await test.verify()
                        #expect(findings.isEmpty)
                        #expect(counts.undecided == 0)
                    }
                }
                try await tasks.waitForAll()
            }
            #expect(try await test.verify().counts.builds == 40)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func oneBuildAlone(kind: StoreKind) async throws {
        try await kind.use { test in
            let all = try await test.everything()
            let counts = try await test.verify(all.succeeded.build).counts
            #expect(counts.builds == 1)
            #expect(counts.attempts == 1)
            await #expect(throws: StoreError.notFound) { try await test.verify(Fresh.id()) }
        }
    }
}

/// PostgreSQL keeps no foreign keys on its events: rows can go and leave them.
@Suite(.timeLimit(.minutes(1))) struct PostgresVerifyTests {
    @Test func damageIsFound() async throws {
        try await PostgresDatabase.use { database in
            try await StoreUnderTest(store: try await database.open(), hub: SignalHub()).lend { test in
                let all = try await test.everything()
                let orphan: BuildID = Fresh.id()
                let moved = "UPDATE job_events SET build_id = '\(orphan)' WHERE build_id = '\(all.running.build)'"
                let cut = "DELETE FROM build_logs WHERE attempt_id = '\(all.failed.attempt)' AND first_line = 5"
                try await database.run("UPDATE builds SET priority = 7 WHERE id = '\(all.pending)'")
                try await database.run(moved)
                try await database.run(cut)
                let found = try await test.verify().findings.map { "\($0.build) \($0.kind) \($0.subject)" }
                #expect(
                    Set(found) == [
                        "\(all.pending) row priority of the build", "\(all.running.build) lost history",
                        "\(orphan) lost rows", "\(all.failed.build) log log",
                    ])
                #expect(found.count == 4)
            }
        }
    }
}
