import BuildDomain
import Orchestration
import Testing

@testable import SQLiteStore

/// What is kept of finished builds is what is stored, at every moment.
@Suite struct FinishedBuildsTests {
    private let finished = FinishedBuilds(maximumBytes: 7_000)

    @Test func aFinishedBuildIsKept() throws {
        let build = try finishedBuild()
        finished.keep(build, readAt: finished.find(build.id).moment)
        #expect(finished.find(build.id).build == build)
    }

    @Test func aBuildThatStillWaitsIsNot() {
        let build = Build(seed: Fixture.seed(), at: Timestamp(milliseconds: 1))
        finished.keep(build, readAt: finished.find(build.id).moment)
        #expect(finished.find(build.id).build == nil)
    }

    @Test func aCommittedChangeIsSeenAtOnce() throws {
        let build = try finishedBuild()
        finished.keep(build, readAt: finished.find(build.id).moment)
        finished.forget([.claimable, .build(build.id)])
        #expect(finished.find(build.id).build == nil)
    }

    @Test func whatWasReadBeforeACommitIsNotKeptAfterIt() throws {
        let build = try finishedBuild()
        let moment = finished.find(build.id).moment
        finished.forget([.build(build.id)])
        finished.keep(build, readAt: moment)
        #expect(finished.find(build.id).build == nil)
    }

    @Test func itsSizeIsBounded() throws {
        let builds = try (0..<4).map { _ in try finishedBuild() }
        for build in builds { finished.keep(build, readAt: finished.find(build.id).moment) }
        let kept = builds.filter { finished.find($0.id).build != nil }
        #expect(kept.map(\.id) == [builds[3].id])
        let large = try finishedBuild(command: String(repeating: "x", count: 10_000))
        finished.keep(large, readAt: finished.find(large.id).moment)
        #expect(finished.find(large.id).build == nil)
    }

    private func finishedBuild(command: String = "make test") throws -> Build {
        var seed = Fixture.seed()
        seed.command = command
        var build = Build(seed: seed, at: Timestamp(milliseconds: 1))
        try build.cancel(at: Timestamp(milliseconds: 2))
        return build
    }
}
