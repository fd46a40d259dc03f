import BuildDomain
import Orchestration
import TestSupport
import Testing

@Suite struct ReadBuildsTests {
    private let house = House()

    @Test func pagesTogetherAreEverythingNewestFirst() async throws {
        var made: [BuildID] = []
        for _ in 0..<23 {
            made.append(try await house.submit().id)
            house.clock.advance(by: .milliseconds(1))
        }
        for limit in [1, 5, 22, 23, 24] {
            var seen: [BuildID] = []
            var cursor: BuildID?
            repeat {
                let page = try await house.services.readBuilds.list(BuildQuery(before: cursor, limit: limit))
                #expect(page.builds.count <= limit)
                seen += page.builds.map(\.id)
                cursor = page.next
            } while cursor != nil
            #expect(seen == made.reversed())
        }
    }

    @Test func aPageHasALimit() async throws {
        for _ in 0..<(ReadBuilds.maximumLimit + 1) { try await house.submit() }
        let page = try await house.services.readBuilds.list(BuildQuery(limit: .max))
        #expect(page.builds.count == ReadBuilds.maximumLimit)
        #expect(page.next != nil)
        #expect(try await house.services.readBuilds.list(BuildQuery(limit: -5)).builds.count == 1)
    }

    @Test func aStatusIsForcedThroughTheSameStateMachine() async throws {
        let build = try await house.submit()
        let force = house.services.forceStatus
        await #expect(throws: StoreError.self) { try await force(.success, of: build.id) }
        #expect(try await force(.running, of: build.id).status == .running)
        #expect(try await force(.success, of: build.id).status == .success)
        await #expect(throws: StoreError.refused(.alreadyFinished(.success))) {
            try await force(.canceled, of: build.id)
        }
    }

    @Test func cancelingIsIdempotentUntilTheEnd() async throws {
        let attempt = try await house.started()
        let first = try await house.services.cancelBuild(attempt.build)
        let second = try await house.services.cancelBuild(attempt.build)
        #expect(first == second)
        #expect(first.cancelRequestedAt != nil && first.status == .running)
        try await house.services.controlPlane.finish(attempt, progress: noProgress, end: end(.canceled, .canceled))
        await #expect(throws: StoreError.refused(.alreadyFinished(.canceled))) {
            try await house.services.cancelBuild(attempt.build)
        }
        await #expect(throws: StoreError.notFound) { try await house.services.cancelBuild(BuildID(high: 0, low: 0)) }
    }

    @Test func theHistoryInTheStoreIsTheBuild() async throws {
        let attempt = try await house.started(maxAttempts: 2)
        try await house.services.controlPlane.finish(attempt, progress: noProgress, end: end(.failed, .script))
        let second = try #require(try await house.claim().first).reference
        try await house.services.controlPlane.finish(second, progress: noProgress, end: end())
        let history = try await house.store.history(of: attempt.build)
        #expect(try Build(replaying: history) == (try await house.store.build(attempt.build)))
    }
}
