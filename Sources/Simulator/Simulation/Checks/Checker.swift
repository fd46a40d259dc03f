import BuildDomain
import Crypto
import MemoryStore
import Orchestration

/// Watches every commit and everything that users and machines see, and says what must never happen.
///
/// `@unchecked Sendable`: only the one thread that runs the simulation ever touches it.
final class Checker: @unchecked Sendable {
    private struct Accepted {
        var number: Int
        var program: Program
    }

    private let scheduler: Scheduler
    private let store: MemoryStore
    private(set) var violations: [String] = []
    /// How many events of each build were seen.
    private var events: [BuildID: [RecordedEvent]] = [:]
    private var ended: [AttemptID: AttemptEnd] = [:]
    /// True time at which each lease runs out.
    private var leases: [AttemptID: Int64] = [:]
    private var printed: [AttemptID: [UInt8]] = [:]
    private var accepted: [BuildID: Accepted] = [:]
    private var unfinished: Set<BuildID> = []
    private(set) var attempts = 0

    init(scheduler: Scheduler, store: MemoryStore) {
        self.scheduler = scheduler
        self.store = store
    }

    func fail(_ violation: String) {
        guard !scheduler.isOver, violations.count < 20 else { return }
        violations.append(violation)
        scheduler.note("VIOLATION \(violation)")
    }

    // MARK: what machines and users tell

    func began(_ attempt: AttemptID) {
        if printed.updateValue([], forKey: attempt) != nil { fail("attempt \(attempt) was executed twice") }
    }

    func printed(_ line: String, by attempt: AttemptID) { printed[attempt, default: []] += line.utf8 + [10] }

    func renewed(_ attempt: AttemptID, for lease: Duration) { leases[attempt] = scheduler.now + lease.milliseconds }

    func accepted(_ id: BuildID, number: Int, program: Program) {
        if store.glance(at: id) == nil { fail("build \(number) was accepted and is not there") }
        accepted[id] = Accepted(number: number, program: program)
        if store.glance(at: id)?.build.status.isTerminal == false { unfinished.insert(id) }
    }

    func cancelAccepted(_ id: BuildID) {
        guard let build = store.glance(at: id)?.build else { return fail("a canceled build is not there") }
        if build.cancelRequestedAt == nil { fail("a cancel was accepted and forgotten") }
    }

    /// A worker was told that its end counts.
    func acknowledged(_ end: AttemptEnd, of attempt: AttemptReference) {
        if ended[attempt.attempt] != end { fail("an end was acknowledged that is not in the history") }
    }

    /// A worker was told that its end does not count.
    func refused(_ end: AttemptEnd, of attempt: AttemptReference) {
        if ended[attempt.attempt] == end { fail("an end that counts was refused when it was sent again") }
    }

    func followed(_ id: BuildID, _ reader: LogReader) {
        for (attempt, text) in reader.seen where text != storedText(attempt) {
            fail("a follower of \(id) saw another log than the stored one of \(attempt)")
        }
        guard let build = store.glance(at: id)?.build else { return }
        if !build.status.isTerminal { fail("a follower was told the end of a build that has not ended") }
        if let last = build.jobs.first?.attempts.last, storedText(last.id) != reader.seen[last.id] ?? [] {
            fail("a follower of \(id) did not see all of the last attempt's log")
        }
    }

    // MARK: every commit

    func committed(_ id: BuildID) {
        guard !scheduler.isOver else { return }
        guard let (build, history) = store.glance(at: id) else { return fail("build \(id) vanished") }
        let before = events[id] ?? []
        guard history.count >= before.count, Array(history.prefix(before.count)) == before else {
            return fail("the history of \(id) was changed")
        }
        for entry in history.dropFirst(before.count) {
            scheduler.note("\(accepted[id]?.number ?? -1) \(entry.event.kind)")
            check(entry.event, of: build)
        }
        events[id] = history
        do throws(Refusal) {
            let replayed = try Build(replaying: history)
            if replayed?.withoutLeases != build.withoutLeases.withoutRecorded {
                fail("\(id) is not what its history says")
            }
        } catch { fail("the history of \(id) is not possible: \(error)") }
        if build.status.isTerminal { unfinished.remove(id) }
    }

    private func check(_ event: BuildEvent, of build: Build) {
        switch event {
        case .attemptStarted(let job, let start): started(start, job, of: build)
        case .attemptEnded(_, let attempt, let end): ended(attempt, end)
        case .jobEnded(let job, .success):
            let successes = build.jobs.first { $0.id == job }?.attempts.count { $0.status == .success }
            if successes != 1 { fail("job \(job) succeeded with \(successes ?? 0) successful attempts") }
        default: return
        }
    }

    private func started(_ start: AttemptStart, _ job: JobID, of build: Build) {
        attempts += 1
        leases[start.id] = scheduler.now + LeaseSettings().lease.milliseconds
        guard let job = build.jobs.first(where: { $0.id == job }) else { return fail("an attempt of no job") }
        let earlier = job.attempts.prefix { $0.id != start.id }
        if earlier.contains(where: { ended[$0.id] == nil }) { fail("two attempts of job \(job.id) live at once") }
        let lost = earlier.count { $0.end?.reason?.isSystemFault ?? false }
        if lost > RetryPolicy.standard.systemRetries { fail("job \(job.id) was offered again \(lost) times") }
        let count = job.attempts.count
        if count > RetryPolicy.standard.hardCap { fail("job \(job.id) had \(count) attempts") }
    }

    private func ended(_ attempt: AttemptID, _ end: AttemptEnd) {
        if ended.updateValue(end, forKey: attempt) != nil { fail("attempt \(attempt) ended twice") }
        if let seal = end.seal {
            if sealOfStored(attempt) != seal { fail("attempt \(attempt) ended with another log than was sealed") }
            let (stored, expected) = (storedText(attempt, .stdout), expectedText(attempt))
            // What does not fit on the worker's disk is missing at the end, and the end says so.
            let isWhole = end.reason == .diskFull ? expected.starts(with: stored) : expected == stored
            if !isWhole {
                let end = end.reason?.rawValue ?? end.outcome.rawValue
                let lines = [stored, expected].map { $0.count { $0 == UInt8(ascii: "\n") } }
                fail("\(attempt), \(end), has \(lines[0]) lines of the \(lines[1]) that its program printed")
            }
        }
        if end.reason == .workerLost, end.error?.hasPrefix("the worker was not heard of") == true,
            scheduler.now < leases[attempt] ?? 0
        {
            fail("attempt \(attempt) was declared lost \((leases[attempt] ?? 0) - scheduler.now) ms too early")
        }
    }

    // MARK: at the end

    /// Whether there is nothing left to wait for.
    func isDone(builds: Int) -> Bool { accepted.count == builds && unfinished.isEmpty }

    func finish(builds: Int, leftovers: Int) {
        if accepted.count < builds { fail("\(builds - accepted.count) builds were never accepted") }
        for id in unfinished.sorted() {
            let status = store.glance(at: id)?.build.jobs.first?.status.rawValue ?? "gone"
            fail("build \(accepted[id]?.number ?? -1) did not end: its job is \(status)")
        }
        for (id, known) in accepted.sorted(by: { $0.key < $1.key }) {
            guard let build = store.glance(at: id)?.build else { fail("build \(known.number) is gone"); continue }
            if build.status == .success, known.program.exitCode != 0 { fail("build \(known.number) succeeded wrongly") }
            if build.status == .failed, build.result.reason == .script, known.program.exitCode == 0 {
                fail("build \(known.number) failed by its script, which does not fail")
            }
        }
        if leftovers > 0 { fail("\(leftovers) folders were left behind") }
    }

    // MARK: what is stored

    func hasEnded(_ attempt: AttemptReference) -> Bool { ended[attempt.attempt] != nil }

    func sealOfStored(_ attempt: AttemptID) -> LogSeal {
        let chunks = store.glance(atLogOf: attempt)
        let text = chunks.flatMap(\.text)
        return LogSeal(extent: chunks.last?.end ?? LogExtent(), sha256: hexadecimal(SHA256.hash(data: text)))
    }

    /// The stored text, of one stream or of all.
    private func storedText(_ attempt: AttemptID, _ stream: LogStream? = nil) -> [UInt8] {
        var text: [UInt8] = []
        for chunk in store.glance(atLogOf: attempt) {
            var start = 0
            for run in chunk.runs {
                if stream.map({ $0 == run.stream }) ?? true { text += chunk.text[start..<(start + run.bytes)] }
                start += run.bytes
            }
        }
        return text
    }

    private func expectedText(_ attempt: AttemptID) -> [UInt8] {
        // The source says one line before the program says any.
        let isCheckedOut = storedText(attempt, .stdout).starts(with: SimulatedMachine.checkoutLine)
        return (isCheckedOut ? SimulatedMachine.checkoutLine : []) + (printed[attempt] ?? [])
    }
}
