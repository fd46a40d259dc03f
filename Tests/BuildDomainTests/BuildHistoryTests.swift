import BuildDomain
import Testing
import TestSupport

/// A build is exactly what its events made of it, whatever was done to it in whatever order.
@Suite struct BuildHistoryTests {
    @Test func aReplayedHistoryIsTheBuildAfterThousandsOfRandomOperations() throws {
        var generator = SeededGenerator(seed: 2026)
        var steps = 0
        var endings: [BuildStatus: Int] = [:]
        for _ in 0..<300 {
            var walk = Walk(jobs: Int.random(in: 1...6, using: &generator), using: &generator)
            for _ in 0..<30 {
                try walk.step(using: &generator)
                steps += 1
            }
            endings[walk.build.status, default: 0] += 1
        }
        #expect(steps == 9000)
        // The walk went everywhere, or it would prove little.
        for status in BuildStatus.allCases where status != .pending { #expect(endings[status, default: 0] > 0) }
    }

    @Test func aHistoryThatDoesNotBeginWithASubmitIsNone() throws {
        var build = build()
        try build.start()
        #expect(try Build(replaying: []) == nil)
        #expect(try Build(replaying: Array(build.recorded.dropFirst())) == nil)
    }

    @Test func aHistoryThatTheStateMachinesDoNotAllowIsRefused() throws {
        var build = build()
        try build.end(try build.start())
        let history = build.recorded
        for index in history.indices.dropFirst() {
            var torn = history
            torn.append(history[index])
            #expect(throws: Refusal.self, "\(history[index].event.kind) twice") { try Build(replaying: torn) }
        }
        #expect(throws: Refusal.self) { try Build(replaying: [history[0], history[0]]) }
    }

    @Test func eventsNameWhatTheyAreAbout() throws {
        var build = build()
        let attempt = try build.start()
        try build.report(progress(someCommit), attempt: attempt, at: time(2))
        try build.cancel(at: time(3))
        try build.lose(attempt: attempt, error: "", at: time(4))
        let events = build.recorded.map(\.event)
        #expect(
            events.map(\.kind) == [
                "submitted", "attempt_started", "started", "attempt_progressed", "cancel_requested", "attempt_ended",
                "job_ended", "ended",
            ])
        #expect(events.map { $0.attempt != nil } == [false, true, false, true, false, true, false, false])
        #expect(events.map { $0.job != nil } == [false, true, false, true, false, true, true, false])
    }
}

/// A build with random needs to which random things are done, sensible and not.
private struct Walk {
    var build: Build
    var history: [RecordedEvent]
    var attempts: [AttemptID] = []
    var now: Int64 = 0

    init(jobs count: Int, using generator: inout SeededGenerator) {
        let names = (0..<count).map { "job\($0)" }
        let jobs = (0..<count).map { index in
            let needs = names[..<index].filter { _ in Int.random(in: 0..<3, using: &generator) == 0 }
            return job(names[index], needs: needs, maxAttempts: Int.random(in: 1...3, using: &generator))
        }
        let fresh = BuildDomainTests.build(of: jobs)
        history = fresh.recorded
        build = fresh.withoutRecorded
    }

    mutating func step(using generator: inout SeededGenerator) throws {
        now += 1
        let before = build
        do {
            try operate(using: &generator)
        } catch {
            #expect(build == before, "a refused operation changed something")
        }
        if before.status.isTerminal { #expect(build.status == before.status) }
        history += build.recorded
        build = build.withoutRecorded
        let replayed = try #require(try Build(replaying: history))
        #expect(replayed == build)
        check()
    }

    private mutating func operate(using generator: inout SeededGenerator) throws(Refusal) {
        let job = build.jobs.randomElement(using: &generator)?.id ?? id(1)
        let attempt = attempts.randomElement(using: &generator) ?? id(5000)
        switch Int.random(in: 0..<20, using: &generator) {
        case 0..<8:
            let new: AttemptID = id(UInt64(6000 + attempts.count))
            try build.claim(job: job, attempt: new, worker: worker, lease: .seconds(20), at: time(now))
            attempts.append(new)
        case 8..<10: try build.report(progress(someCommit), attempt: attempt, at: time(now))
        case 10..<15: try build.end(attempt, .success, code: 0, at: time(now))
        case 15..<17: try build.end(attempt, .failed, .script, code: 1, at: time(now))
        case 17..<18: try build.end(attempt, .canceled, .canceled, at: time(now))
        case 18..<19: try build.lose(attempt: attempt, error: "", at: time(now))
        default:
            if Int.random(in: 0..<3, using: &generator) == 0 { try build.cancel(at: time(now)) }
        }
    }

    /// What must hold at every moment.
    private func check() {
        #expect(build.status.isTerminal == build.jobs.allSatisfy(\.status.isTerminal))
        #expect(build.status.isTerminal == (build.finishedAt != nil))
        for job in build.jobs {
            #expect((job.status == .running) == (job.liveAttempt != nil))
            #expect(job.attempts.filter(\.isLive).count <= 1)
            #expect(job.attempts.map(\.number) == Array(1..<(job.attempts.count + 1)))
            #expect(job.attempts.count <= RetryPolicy.standard.hardCap)
            let needed = build.jobs.filter { job.spec.needs.contains($0.spec.name) }
            if [.pending, .running, .success].contains(job.status) {
                #expect(needed.allSatisfy { $0.status == .success })
            }
        }
    }
}
