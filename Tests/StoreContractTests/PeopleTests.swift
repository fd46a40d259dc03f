import BuildDomain
import Orchestration
import Testing

/// Tokens and workers.
@Suite(.timeLimit(.minutes(1))) struct PeopleTests {
    private func digest(_ byte: UInt8) -> [UInt8] { [UInt8](repeating: byte, count: 32) }

    @Test(arguments: StoreKind.allCases) func aTokenIsFoundByItsDigest(kind: StoreKind) async throws {
        try await kind.use { test in
            let id: TokenID = Fresh.id()
            let made = try await test.store.insert(
                id: id, name: "laptop", role: .user, digest: digest(1), lifetime: nil)
            let found = try #require(try await test.store.token(digest: digest(1)))
            #expect(found.token == made)
            #expect(made.id == id && made.name == "laptop" && made.role == .user && made.expiresAt == nil)
            #expect(found.token.isValid(at: found.now))
            #expect(try await test.store.token(digest: digest(2)) == nil)
        }
    }

    @Test(arguments: StoreKind.allCases) func aLifetimeEnds(kind: StoreKind) async throws {
        try await kind.use { test in
            for (byte, lifetime, isValid) in [(UInt8(1), Duration.seconds(60), true), (2, .seconds(-1), false)] {
                let made = try await test.store.insert(
                    id: Fresh.id(), name: "t", role: .worker, digest: digest(byte), lifetime: lifetime)
                #expect(made.expiresAt == made.createdAt + lifetime)
                let found = try #require(try await test.store.token(digest: digest(byte)))
                #expect(found.token.isValid(at: found.now) == isValid)
            }
        }
    }

    @Test(arguments: StoreKind.allCases) func aRevokedTokenStaysListed(kind: StoreKind) async throws {
        try await kind.use { test in
            var ids: [TokenID] = []
            for byte in UInt8(1)...3 {
                ids.append(Fresh.id())
                _ = try await test.store.insert(
                    id: ids[ids.count - 1], name: "t", role: .reader, digest: digest(byte), lifetime: nil)
            }
            try await test.store.revoke(ids[1])
            let once = try await test.store.tokens()
            #expect(once.map(\.id) == ids)
            #expect(once.map { $0.revokedAt == nil } == [true, false, true])
            try await test.store.revoke(ids[1])
            #expect(try await test.store.tokens() == once)
            let revoked = try #require(try await test.store.token(digest: digest(2)))
            #expect(!revoked.token.isValid(at: revoked.now))
            await #expect(throws: StoreError.notFound) { try await test.store.revoke(Fresh.id()) }
        }
    }

    @Test(arguments: StoreKind.allCases) func insertingATokenAgainIsHarmless(kind: StoreKind) async throws {
        try await kind.use { test in
            let id: TokenID = Fresh.id()
            let first = try await test.store.insert(id: id, name: "t", role: .admin, digest: digest(1), lifetime: nil)
            let again = try await test.store.insert(id: id, name: "t", role: .admin, digest: digest(1), lifetime: nil)
            #expect(first == again)
            #expect(try await test.store.tokens() == [first])
        }
    }

    private func worker(_ name: String, id: WorkerID = Fresh.id(), labels: [String] = [], capacity: Int = 2) -> Worker {
        let never = Timestamp(milliseconds: 0)
        return Worker(
            id: id, name: name, labels: Set(labels.map(Label.init(accepted:))), capacity: capacity, version: "1.0",
            registeredAt: never, lastSeenAt: never)
    }

    @Test(arguments: StoreKind.allCases) func workersAreListedWithWhatTheyRun(kind: StoreKind) async throws {
        try await kind.use { test in
            let busy = worker("busy", id: Fixture.worker.id, labels: ["linux", "a=b"])
            try await test.store.register(worker("zoe"))
            try await test.store.register(busy)
            _ = try await test.start()
            try await test.finish(try await test.start())
            let list = try await test.store.workers()
            #expect(list.workers.map(\.worker.name) == ["busy", "zoe"])
            #expect(list.workers.map(\.running) == [1, 0])
            let stored = list.workers[0].worker
            #expect(stored.labels == busy.labels && stored.capacity == 2 && stored.version == "1.0")
            #expect(stored.registeredAt == stored.lastSeenAt && stored.lastSeenAt <= list.now)
            #expect(list.now - stored.lastSeenAt < .seconds(60))
        }
    }

    @Test(arguments: StoreKind.allCases) func aWorkerThatComesBackIsTheSame(kind: StoreKind) async throws {
        try await kind.use { test in
            let id: WorkerID = Fresh.id()
            try await test.store.register(worker("w", id: id))
            try await test.store.touch(id, isDraining: true)
            #expect(try await test.store.workers().workers.map(\.worker.isDraining) == [true])
            try await test.store.register(worker("w", id: id, labels: ["new"], capacity: 7))
            let back = try await test.store.workers().workers
            #expect(back.count == 1)
            #expect(back[0].worker.capacity == 7 && back[0].worker.labels.count == 1 && !back[0].worker.isDraining)
        }
    }

    @Test(arguments: StoreKind.allCases) func aNameMaySayTwoWorkers(kind: StoreKind) async throws {
        try await kind.use { test in
            let ids: [WorkerID] = [Fresh.id(), Fresh.id()]
            for id in ids.reversed() { try await test.store.register(worker("w", id: id)) }
            #expect(try await test.store.workers().workers.map(\.worker.id) == ids)
        }
    }

    @Test(arguments: StoreKind.allCases) func aSignOfLifeOfAStrangerIsNoError(kind: StoreKind) async throws {
        try await kind.use { test in
            try await test.store.touch(Fresh.id(), isDraining: false)
            #expect(try await test.store.workers().workers.isEmpty)
        }
    }
}
