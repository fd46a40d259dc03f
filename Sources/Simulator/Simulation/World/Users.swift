import BuildDomain
import Orchestration

/// What people do: submit builds, cancel some, follow some.
extension World {
    func startUsers() {
        for number in 0..<settings.builds {
            let delay = Int64(scheduler.random.pick(0...60_000))
            scheduler.after(delay) { [self] in
                let program = Program(
                    lines: scheduler.random.pick(0...12), pause: scheduler.random.pick(1...2500),
                    exitCode: scheduler.random.chance(0.15) ? 1 : 0, isStubborn: scheduler.random.chance(0.2))
                let tries = scheduler.random.chance(0.2) ? 2 : 1
                startUser { [self] in await use(number, program, tries: tries) }
            }
        }
    }

    private func startUser(_ work: @escaping @Sendable () async -> Void) {
        usersAtWork += 1
        let task = scheduler.spawn(on: user) { [self] in
            await work()
            usersAtWork -= 1
        }
        bury([task])
    }

    private func use(_ number: Int, _ program: Program, tries: Int) async {
        let submission = Submission(
            repository: "https://example.com/r.git", ref: "main", command: program.text,
            priority: scheduler.random.pick(0...2), maxAttempts: tries)
        guard
            let id = await insist({ (services) async throws(StoreError) in
                try await services.submit(submission, key: "build-\(number)")
            })
        else { return }
        checker.accepted(id, number: number, program: program)
        if scheduler.random.chance(0.15) {
            startUser { [self] in await cancel(id) }
        }
        if scheduler.random.chance(0.4) {
            startUser { [self] in await follow(id) }
        }
    }

    private func cancel(_ id: BuildID) async {
        await rest(scheduler.random.pick(0...30_000))
        let accepted = await insist { (services) async throws(StoreError) in
            do throws(StoreError) { _ = try await services.cancelBuild(id) } catch {
                if case .refused(.alreadyFinished) = error { return false }
                throw error
            }
            return true
        }
        if accepted == true { checker.cancelAccepted(id) }
    }

    /// Follows as a client does: reconnects after every break, and goes on where it was.
    private func follow(_ id: BuildID) async {
        let reader = LogReader()
        while !scheduler.isOver, !reader.isAtEnd {
            await listen(to: id, reader)
            if !reader.isAtEnd { await rest(500) }
        }
        if reader.isAtEnd { checker.followed(id, reader) }
    }

    private func listen(to id: BuildID, _ reader: LogReader) async {
        guard let process = server()?.process else { return }
        let stream = Stream(scheduler: scheduler)
        process.calls.append(stream)
        let position = reader.position
        let work = scheduler.spawn(on: process.node) { [self] in
            do throws(StoreError) {
                let build = try await process.services.readBuilds.build(id)
                guard let job = build.jobs.first?.id else { return stream.cut(after: 0) }
                var follower = process.services.followLog(
                    build: id, job: job, after: position, patience: .seconds(5))
                while let news = try await follower.next() {
                    stream.send(news, after: latency())
                    if strikes(.network, plan.answerLost / 4) { break }
                }
            } catch { scheduler.note("a stream ends: \(error)") }
            stream.cut(after: latency())
        }
        process.tasks.append(work)
        while let news = await stream.next() { reader.take(news, checker) }
        work.cancel()
    }

    /// Repeats until somebody answers.
    private func insist<Answer: Sendable>(
        _ body: @escaping @Sendable (Services) async throws(StoreError) -> Answer
    ) async -> Answer? {
        while !scheduler.isOver {
            do throws(StoreError) {
                return try await call(
                    "user", from: user, patience: 10_000, unavailable: { StoreError.unavailable($0) }
                ) { (services) -> Result<Answer, StoreError> in
                    do throws(StoreError) { return .success(try await body(services)) } catch { return .failure(error) }
                }
            } catch {
                switch error {
                case .unavailable, .outcomeUnknown: await rest(scheduler.random.pick(100...2000))
                default:
                    checker.fail("a user was refused: \(error)")
                    return nil
                }
            }
        }
        return nil
    }

    private func rest(_ milliseconds: Int) async {
        let clock = NodeClock(scheduler: scheduler, node: user)
        do { try await clock.sleep(for: .milliseconds(milliseconds)) } catch { return }
    }
}

extension Services {
    fileprivate func submit(_ submission: Submission, key: String) async throws(StoreError) -> BuildID {
        do throws(UseCaseError) { return try await submitBuild(submission, key: key).build.id } catch {
            if case .store(let error) = error { throw error }
            throw .broken("\(error)")
        }
    }
}

/// A stream of events over a wire that keeps their order, until it is cut.
///
/// `@unchecked Sendable`: only the one thread that runs the simulation ever touches it.
private final class Stream: Call, @unchecked Sendable {
    private let scheduler: Scheduler
    private var arrived: [LogNews] = []
    private var arrival: Int64 = 0
    private var isCut = false
    private let reader = Waiter()

    override init(scheduler: Scheduler) {
        self.scheduler = scheduler
        super.init(scheduler: scheduler)
    }

    func send(_ news: LogNews, after latency: Int64) {
        arrival = max(arrival, scheduler.now + latency)
        scheduler.after(arrival - scheduler.now) { [self] in
            guard !isCut else { return }
            arrived.append(news)
            reader.wake(true)
        }
    }

    /// What was sent before arrives before.
    override func cut(after milliseconds: Int64) { super.cut(after: max(milliseconds, arrival - scheduler.now)) }

    override func fail(_ message: String) {
        isCut = true
        reader.wake(false)
    }

    func next() async -> LogNews? {
        while arrived.isEmpty {
            if isCut || scheduler.isOver { return nil }
            _ = await withUnsafeContinuation { reader.wait($0) }
        }
        return arrived.removeFirst()
    }
}

/// What somebody who follows has seen.
///
/// `@unchecked Sendable`: only the one thread that runs the simulation ever touches it.
final class LogReader: @unchecked Sendable {
    private(set) var position: LogPosition?
    private(set) var isAtEnd = false
    /// The text of each attempt as far as it was seen.
    private(set) var seen: [AttemptID: [UInt8]] = [:]

    func take(_ news: LogNews, _ checker: Checker) {
        switch news {
        case .state, .quiet: return
        case .end: isAtEnd = true
        case .lines(let attempt, let after, let chunks):
            let expected = position?.attempt == attempt ? position?.line ?? 0 : 0
            if after != expected {
                checker.fail("a follower at line \(expected) was sent what comes after \(after)")
            }
            var line = after
            for chunk in chunks {
                seen[attempt, default: []] += chunk.text(after: line)
                line = max(line, chunk.end.lines)
            }
            position = LogPosition(attempt: attempt, line: line)
        }
    }
}

extension LogChunk {
    /// The text of the lines that follow line `line` of the log.
    fileprivate func text(after line: Int64) -> ArraySlice<UInt8> {
        var skip = max(0, line - (firstLine - 1))
        var start = text.startIndex
        while skip > 0, let end = text[start...].firstIndex(of: UInt8(ascii: "\n")) {
            start = end + 1
            skip -= 1
        }
        return text[start...]
    }
}
