import BuildDomain
import Orchestration
import Synchronization
import TestSupport
import Testing

@Suite struct LogFollowerTests {
    private let house = House()

    @Test(.timeLimit(.minutes(1))) func aFollowerSeesEachLineOnceAndThenTheEnd() async throws {
        let attempt = try await house.started()
        let watching = Task { try await watch(attempt) }
        let lines = try await write(to: attempt, chunks: 200, seed: 1)
        try await finish(attempt, lines)
        let seen = try await watching.value
        #expect(seen.lines == lines)
        #expect(seen.events.last == "end success")
    }

    @Test(.timeLimit(.minutes(1))) func whoComesLateSeesAllOfTheNewestAttempt() async throws {
        let attempt = try await house.started()
        let lines = try await write(to: attempt, chunks: 50, seed: 2)
        let whileRunning = Task { try await watch(attempt) }
        try await eventually("it waits") { house.clock.sleeperCount == 1 }
        try await finish(attempt, lines)
        let seen = [try await whileRunning.value, try await watch(attempt)]
        #expect(seen.map(\.lines) == [lines, lines])
        #expect(seen[1].events == ["lines", "end success"])
    }

    @Test(.timeLimit(.minutes(1))) func aFollowerResumesAfterAnyLineOfAnyAttempt() async throws {
        let first = try await house.started(maxAttempts: 2)
        let firstLines = try await write(to: first, chunks: 12, seed: 3)
        try await finish(first, firstLines, .failed)
        let second = try #require(try await house.claim().first).reference
        let secondLines = try await write(to: second, chunks: 12, seed: 4)
        try await finish(second, secondLines)
        for (attempt, count) in [(first, firstLines.count), (second, secondLines.count)] {
            for line in 0...count {
                let position = LogPosition(attempt: attempt.attempt, line: Int64(line))
                let seen = try await watch(second, after: position)
                let rest = attempt == first ? firstLines.dropFirst(line) + secondLines : secondLines.dropFirst(line)
                #expect(seen.lines == Array(rest))
                #expect(seen.events.last == "end success")
            }
        }
        #expect(try await watch(second).lines == secondLines)
        #expect(try await watch(second, from: .first).lines == firstLines + secondLines)
    }

    @Test(.timeLimit(.minutes(1))) func whoBeginsWithTheFirstAttemptWaitsForIt() async throws {
        let build = try await house.submit()
        let job = try #require(build.jobs.first?.id)
        let reference = AttemptReference(build: build.id, job: job, attempt: AttemptID(high: 0, low: 0))
        let watching = Task { try await watch(reference, from: .first) }
        try await eventually("it waits") { house.clock.sleeperCount == 1 }
        let attempt = try #require(try await house.claim().first).reference
        let lines = try await write(to: attempt, chunks: 5, seed: 13)
        try await finish(attempt, lines)
        #expect(try await watching.value.lines == lines)
    }

    @Test(.timeLimit(.minutes(1))) func aFollowerGoesOnToTheNextAttemptAfterTheLastLineOfTheOneBefore() async throws {
        let first = try await house.started(maxAttempts: 3)
        let watching = Task { try await watch(first) }
        var all = try await write(to: first, chunks: 20, seed: 5)
        try await finish(first, all, .failed)
        for seed in [6, 7] {
            let next = try #require(try await house.claim().first).reference
            let lines = try await write(to: next, chunks: 20, seed: UInt64(seed))
            try await finish(next, lines, seed == 7 ? .success : .failed)
            all += lines
        }
        let seen = try await watching.value
        // One that is slower than the retries may begin with a later attempt, but skips none from there on.
        #expect(seen.lines == Array(all.suffix(seen.lines.count)))
        #expect(seen.events.last == "end success")
        #expect(Set(seen.attempts).count == seen.attempts.count)
    }

    @Test(.timeLimit(.minutes(1))) func manyFollowersOfManyServersAllSeeEverything() async throws {
        let attempt = try await house.started()
        let neighbour = house.neighbour()
        let lines = try await withThrowingTaskGroup(of: [String].self) { group in
            for index in 0..<20 {
                let services = index % 2 == 0 ? house.services : neighbour
                group.addTask { try await watch(attempt, by: services).lines }
            }
            let written = try await write(to: attempt, chunks: 300, seed: 8, alternating: [house.services, neighbour])
            try await finish(attempt, written, by: neighbour)
            for try await seen in group { #expect(seen == written) }
            return written
        }
        #expect(!lines.isEmpty)
    }

    /// The server that is followed has only heard the first part of the log; the rest, and the end, came by another
    /// one.
    @Test(.timeLimit(.minutes(1))) func theEndComesAfterTheLastLineAlsoWhereAnotherServerStoredIt() async throws {
        let attempt = try await house.started()
        let neighbour = house.neighbour()
        let extent = try await house.services.controlPlane.append(chunk(["a", "b"]), to: attempt)
        _ = try await neighbour.controlPlane.append(chunk(["c"], after: extent), to: attempt)
        try await finish(attempt, ["a", "b", "c"], by: neighbour)
        let seen = try await watch(attempt, after: LogPosition(attempt: attempt.attempt, line: 1))
        #expect(seen.lines == ["b", "c"])
        #expect(seen.events.last == "end success")
    }

    @Test(.timeLimit(.minutes(1))) func aFollowerOfAWaitingBuildSeesItStart() async throws {
        let build = try await house.submit()
        let job = try #require(build.jobs.first?.id)
        let reference = AttemptReference(build: build.id, job: job, attempt: AttemptID(high: 0, low: 0))
        let watching = Task { try await watch(reference) }
        try await eventually("it waits") { house.clock.sleeperCount == 1 }
        let attempt = try #require(try await house.claim().first).reference
        let lines = try await write(to: attempt, chunks: 5, seed: 9)
        try await finish(attempt, lines)
        let seen = try await watching.value
        #expect(seen.events.first == "pending")
        #expect(seen.lines == lines)
    }

    @Test(.timeLimit(.minutes(1))) func aCanceledBuildEndsForItsFollowers() async throws {
        let build = try await house.submit()
        let job = try #require(build.jobs.first?.id)
        let reference = AttemptReference(build: build.id, job: job, attempt: AttemptID(high: 0, low: 0))
        let watching = Task { try await watch(reference) }
        try await eventually("it waits") { house.clock.sleeperCount == 1 }
        _ = try await house.services.cancelBuild(build.id)
        #expect(try await watching.value.events == ["pending", "end canceled"])
    }

    @Test(.timeLimit(.minutes(1))) func quietIsSaidAfterAWhileWithoutNewsAndRenewalsAreNone() async throws {
        let attempt = try await house.started()
        var follower = follow(attempt, patience: .seconds(15))
        guard case .state = try await follower.next() else {
            throw NeverHappened(description: "no state at first")
        }
        for _ in 0..<3 {
            let clock = house.clock
            let moving = Task {
                try await eventually("it waits") { clock.hasSleeper(in: .seconds(15)) }
                clock.advance(by: .seconds(15))
            }
            guard case .quiet = try await follower.next() else {
                throw NeverHappened(description: "not quiet")
            }
            try await moving.value
            _ = try await house.store.renew([attempt.attempt], of: worker.id, for: house.leases.lease)
        }
    }

    @Test(.timeLimit(.minutes(1))) func afterAQuietWhileLinesOfALostSignalAreFound() async throws {
        let deaf = Services(
            store: house.store, hub: SignalHub(),
            surroundings: Surroundings(timekeeper: house.clock, entropy: SeededEntropy()), limits: SubmitLimits(),
            leases: house.leases)
        let attempt = try await house.started()
        let watching = Task { try await watch(attempt, patience: .seconds(15), by: deaf) }
        try await eventually("it waits") { house.clock.hasSleeper(in: .seconds(15)) }
        let lines = try await write(to: attempt, chunks: 3, seed: 10)
        try await finish(attempt, lines)
        house.clock.advance(by: .seconds(15))
        let seen = try await watching.value
        #expect(seen.lines == lines)
        #expect(seen.events == ["running", "quiet", "lines", "end success"])
    }

    @Test(.timeLimit(.minutes(1))) func aPositionThatCannotBeIsHarmless() async throws {
        let attempt = try await house.started()
        let lines = try await write(to: attempt, chunks: 5, seed: 11)
        try await finish(attempt, lines)
        let other = try await house.started()
        _ = try await write(to: other, chunks: 5, seed: 12)
        let foreign = LogPosition(attempt: other.attempt, line: 0)
        #expect(try await watch(attempt, after: foreign).lines == lines)
        for line in [Int64.max, Int64.max - 1, 1000] {
            let beyond = LogPosition(attempt: attempt.attempt, line: line)
            #expect(try await watch(attempt, after: beyond).events == ["end success"])
        }
        let negative = LogPosition(attempt: attempt.attempt, line: Int64.min)
        #expect(try await watch(attempt, after: negative).lines == lines)
    }

    @Test func aBuildThatIsNotThereCannotBeFollowed() async throws {
        let attempt = try await house.started()
        var follower = house.services.followLog(
            build: BuildID(high: 5, low: 5), job: attempt.job, after: nil, patience: .seconds(15))
        await #expect(throws: StoreError.notFound) { try await follower.next() }
    }

    @Test(.timeLimit(.minutes(1))) func aFollowerThatGoesAwayLeavesNothing() async throws {
        let attempt = try await house.started()
        let watching = Task { try await watch(attempt) }
        try await eventually("it waits") { house.clock.sleeperCount == 1 }
        #expect(house.hub.topicCount == 2)
        watching.cancel()
        _ = try await watching.value
        #expect(house.hub.topicCount == 0)
        try await eventually("its alarm is off") { house.clock.sleeperCount == 0 }
    }
}

/// What a follower was given, in order.
private struct Seen {
    var lines: [String] = []
    var events: [String] = []
    var attempts: [AttemptID] = []
}

extension LogFollowerTests {
    private func follow(
        _ attempt: AttemptReference, after position: LogPosition? = nil, from beginning: LogBeginning = .newest,
        patience: Duration, by services: Services? = nil
    ) -> LogFollower {
        (services ?? house.services).followLog(
            build: attempt.build, job: attempt.job, after: position, from: beginning, patience: patience)
    }

    /// Follows to the end. The clock stands still, so nothing but signals can wake it.
    private func watch(
        _ attempt: AttemptReference, after position: LogPosition? = nil, from beginning: LogBeginning = .newest,
        patience: Duration = .seconds(3600), by services: Services? = nil
    ) async throws -> Seen {
        var follower = follow(attempt, after: position, from: beginning, patience: patience, by: services)
        var seen = Seen()
        while let news = try await follower.next() {
            switch news {
            case .lines(let attempt, let after, let chunks):
                if seen.attempts.last != attempt { seen.attempts.append(attempt) }
                if seen.events.last != "lines" { seen.events.append("lines") }
                var expected = after + 1
                for chunk in chunks {
                    chunk.forEachLine(from: after + 1) { line in
                        #expect(line.number == expected)
                        expected += 1
                        seen.lines.append(String(decoding: line.text, as: UTF8.self))
                        return true
                    }
                }
            case .state(let build): seen.events.append(build.status.rawValue)
            case .end(let build): seen.events.append("end \(build.status)")
            case .quiet: seen.events.append("quiet")
            }
        }
        return seen
    }

    /// Appends so many chunks of a few lines each, some of them twice, giving way now and then.
    private func write(
        to attempt: AttemptReference, chunks: Int, seed: UInt64, alternating services: [Services] = []
    ) async throws -> [String] {
        var generator = SeededGenerator(seed: seed)
        var lines: [String] = []
        var extent = LogExtent()
        for index in 0..<chunks {
            let part = (0..<Int.random(in: 1...4, using: &generator)).map { "\(seed).\(index).\($0)" }
            let next = chunk(part, after: extent)
            let server = services.randomElement(using: &generator) ?? house.services
            for _ in 0..<Int.random(in: 1...2, using: &generator) {
                extent = try await server.controlPlane.append(next, to: attempt)
            }
            lines += part
            if Bool.random(using: &generator) { await Task.yield() }
        }
        return lines
    }

    private func finish(
        _ attempt: AttemptReference, _ lines: [String], _ outcome: AttemptStatus = .success,
        by services: Services? = nil
    ) async throws {
        let reason: Reason? = outcome == .success ? nil : .script
        try await (services ?? house.services).controlPlane.finish(
            attempt, progress: noProgress, end: end(outcome, reason, lines: lines))
    }
}
