import BuildDomain
import Orchestration
import Testing

/// Everything that can be wrong with one build, each by itself.
@Suite struct DamageTests {
    private let house = House()

    @Test func aHistoryThatIsGoneIsNamed() async throws {
        try await house.submit()
        let found = try await findings { $0.history = { (_, _) throws(StoreError) in throw .notFound } }
        #expect(found.map(\.kind) == [.lost])
        #expect(found.map(\.subject) == ["history"])
    }

    @Test func aHistoryWithoutItsBeginningIsNamed() async throws {
        _ = try await house.started()
        let found = try await findings { $0.history = { (_, events) throws(StoreError) in Array(events.dropFirst()) } }
        #expect(found.map(\.kind) == [.lost])
        #expect(found.map(\.found) == ["attempt_started"])
    }

    @Test func aSecondEndIsNamed() async throws {
        let attempt = try await house.retried()
        let found = try await findings { edits in
            edits.history = { (_, events) throws(StoreError) in
                let end = events.last { $0.event.kind == "attempt_ended" }
                return events + [end].compactMap { $0 }
            }
        }
        #expect(found.map(\.kind) == [.end, .transition])
        #expect(found.map(\.attempt) == [attempt.attempt, attempt.attempt])
        #expect(found.first?.expected == "1")
        #expect(found.first?.found == "2")
    }

    @Test func anEndThatIsMissingIsNamed() async throws {
        let attempt = try await house.retried()
        let found = try await findings { edits in
            edits.history = { (_, events) throws(StoreError) in
                events.filter { $0.event.kind != "attempt_ended" || $0.event.attempt != attempt.attempt }
            }
        }
        #expect(found.contains { $0.kind == .end && $0.attempt == attempt.attempt && $0.found == "0" })
        #expect(found.contains { $0.kind == .row && $0.subject == "status of attempt 2" && $0.found == "success" })
    }

    /// Of the events of a build that was retried: submitted, attempt_started, started, attempt_progressed,
    /// attempt_ended, job_retried, attempt_started, attempt_progressed, attempt_ended, job_ended, ended.
    @Test(arguments: [
        (1, ["event 3 of 10, attempt_progressed"]), (2, ["event 10 of 10, ended"]), (3, ["steps of attempt 1"]),
        (4, ["ends in the history", "status of attempt 1"]), (5, ["event 6 of 10, attempt_started"]),
        (6, ["event 7 of 10, attempt_progressed"]), (7, ["steps of attempt 2"]),
        (8, ["ends in the history", "status of attempt 2"]),
        (9, ["status of job build", "time of the end of job build"]),
        (10, ["status of the build", "exit code of the build", "time of the end of the build"]),
    ])
    func anEventThatIsMissingIsNoticed(index: Int, subjects: [String]) async throws {
        try await house.retried()
        let found = try await findings { edits in
            edits.history = { (_, events) throws(StoreError) in
                #expect(events.count == 11)
                return Array(events[..<index] + events[(index + 1)...])
            }
        }
        #expect(Array(found.map(\.subject).prefix(subjects.count)) == subjects)
    }

    @Test func moreAttemptsThanAnyJobMayHaveAreNamed() async throws {
        let attempt = try await house.started()
        let found = try await findings { edits in
            edits.rows = { build in build.with { $0 + Array(repeating: $0[0], count: 10) } }
        }
        let kinds = found.filter { $0.kind == .attempts }
        #expect(kinds.map(\.expected) == ["at most 1", "at most 10"])
        #expect(kinds.map(\.attempt) == [attempt.attempt, attempt.attempt])
        #expect(kinds.last?.found == "11")
    }
}

extension DamageTests {
    @Test func aFieldThatIsNotWhatTheHistorySaysIsNamed() async throws {
        let attempt = try await house.retried()
        let found = try await findings { edits in
            edits.rows = { build in
                build.with { attempts in
                    let last = attempts[attempts.count - 1]
                    let end = AttemptEnd(outcome: .success, exitCode: 7, seal: .empty)
                    return attempts.dropLast() + [
                        Attempt(
                            id: last.id, number: last.number, worker: last.worker, status: last.status, end: end,
                            commit: last.commit, steps: last.steps, startedAt: last.startedAt,
                            finishedAt: last.finishedAt, lease: Lease(expiresAt: Timestamp(milliseconds: 5)))
                    ]
                }
            }
        }
        // And not the lease, which is no part of the history.
        #expect(found.map(\.subject) == ["exit code of attempt 2"])
        #expect(found.map(\.expected) == ["0"])
        #expect(found.map(\.found) == ["7"])
        #expect(found.map(\.attempt) == [attempt.attempt])
    }

    @Test(arguments: ["altered", "first missing", "last missing", "moved", "runs", "unreadable"])
    func aLogThatIsNotWhatWasSealedIsNamed(damage: String) async throws {
        let lines = ["one", "two", "three"]
        let attempt = try await house.started()
        try await house.log(lines, of: attempt)
        try await house.finish(attempt, end(lines: lines))
        let found = try await findings { edits in
            edits.chunks = { (chunks) throws(StoreError) in
                let last = chunks[chunks.count - 1]
                switch damage {
                case "altered": return chunks.dropLast() + [last.with(text: Array("two\nthrEE\n".utf8))]
                case "first missing": return Array(chunks.dropFirst())
                case "last missing": return chunks.filter { $0.firstLine == 1 && chunks.count > 1 }
                case "moved":
                    return [LogChunk(offset: 4, firstLine: 1, runs: chunks[0].runs, text: chunks[0].text)]
                case "runs": return chunks.dropLast() + [last.with(text: Array("two\nth\nee\n".utf8))]
                default: throw .broken("build_logs 1: column runs holds no runs")
                }
            }
        }
        #expect(found.map(\.kind) == [damage == "unreadable" ? .unreadable : .log])
        #expect(found.map(\.attempt) == [attempt.attempt])
        let expected = [
            "altered": "14 bytes, 3 lines, SHA-256 \(seal(of: lines).sha256)",
            "first missing": "a chunk from byte 0, line 1 on",
            "last missing": "a chunk from byte 4, line 2 on, of 14 bytes in all",
            "moved": "a chunk from byte 0, line 1 on",
            "runs": "runs that describe the 10 bytes and 3 lines from byte 4, line 2 on",
            "unreadable": "a log that can be read",
        ]
        #expect(found.map(\.expected) == [expected[damage]])
    }

    @Test func aGapInALogThatStillGrowsIsNamed() async throws {
        let attempt = try await house.started()
        try await house.log(["one", "two"], of: attempt)
        let found = try await findings { $0.chunks = { chunks in Array(chunks.dropFirst()) } }
        #expect(found.map(\.kind) == [.log])
        #expect(found.map(\.found) == ["one from byte 4, line 2 on"])
    }

    private func findings(_ edit: (inout EditedStore.Edits) -> Void) async throws -> [HistoryFinding] {
        try await house.verify(edit).findings
    }
}

extension Build {
    /// The build with other attempts of its only job.
    fileprivate func with(attempts change: ([Attempt]) -> [Attempt]) -> Build {
        let jobs = jobs.map { job in
            Job(
                id: job.id, spec: job.spec, status: job.status, notBefore: job.notBefore,
                pendingSince: job.pendingSince, startedAt: job.startedAt, finishedAt: job.finishedAt,
                attempts: change(job.attempts))
        }
        return Build(
            id: id, repository: repository, ref: ref, command: command, priority: priority, commit: commit,
            status: status, result: result, cancelRequestedAt: cancelRequestedAt, createdAt: createdAt,
            startedAt: startedAt, finishedAt: finishedAt, updatedAt: updatedAt, jobs: jobs)
    }
}
