import APISchema
import BuildDomain
import Chaos
import Foundation

/// The history of one build that was submitted, followed and ended well, to be falsified.
struct MadeUp {
    var plan = BuildPlan(number: 7, lines: 6, stride: 3, pauseMilliseconds: 0, exitCode: 0)
    var build: BuildView
    var isStored = true
    var isWatched = true
    var hasHeardOfTheEnd = true
    var linesPerConnection = 100
    /// Events of each attempt.
    var kinds = ["attempt_started", "attempt_ended"]
    var logs: [AttemptID: [StoredLine]] = [:]
    var extra: [Entry] = []
    private var stream: [SeenLine] = []

    init() throws {
        let text = """
            {"id": "0190163d-8694-739b-aea5-966c26f8ad90", "repo_url": "/r", "ref": "main", "priority": 0,
             "attempts": 1, "status": "success",
             "created_at": "2026-01-31T09:05:00.000Z", "updated_at": "2026-01-31T09:05:00.000Z",
             "jobs": [{"id": "0190163d-8694-739b-aea5-966c26f8ad91", "name": "build", "status": "success",
                "needs": [], "labels": [], "env": {}, "timeout_s": 60, "max_attempts": 1, "attempts": [
                    {"id": "0190163d-8694-739b-aea5-966c26f8ad92", "number": 1, "status": "success",
                     "worker": "worker-0", "started_at": "2026-01-31T09:05:00.000Z", "log_bytes": 1, "log_lines": 7,
                     "log_sha256": "digest", "steps": []}]}]}
            """
        build = try JSONDecoder().decode(BuildView.self, from: Data(text.utf8))
        build.command = plan.command
        writeLogs()
    }

    /// Loses the worker that many times before it goes well.
    mutating func lose(_ times: Int) {
        let good = build.jobs[0].attempts[0]
        let attempts = (1...times + 1).map { number in
            var attempt = good
            attempt.number = number
            attempt.id = AttemptID(high: good.id.high + UInt64(number), low: good.id.low)
            guard number <= times else { return attempt }
            (attempt.status, attempt.reason, attempt.logSHA256, attempt.logLines) = (.failed, .workerLost, nil, nil)
            return attempt
        }
        build.jobs[0].attempts = attempts
        writeLogs()
    }

    private mutating func writeLogs() {
        logs = [:]
        for attempt in build.allAttempts {
            let output = plan.output(attempt: attempt.number).prefix(attempt.status == .success ? 6 : 3)
            let lines = [StoredLine(number: 1, text: "checked out", isOutput: false)]
            logs[attempt.id] =
                lines + output.enumerated().map { StoredLine(number: Int64($0 + 2), text: $1, isOutput: true) }
        }
        watch()
    }

    private mutating func watch() {
        stream = build.allAttempts.flatMap { attempt in
            (logs[attempt.id] ?? []).map { SeenLine(attempt: attempt.id, number: $0.number, text: $0.text) }
        }
    }

    /// Changes the log of the last attempt, for followers as well.
    mutating func changeLog(_ change: (inout [StoredLine]) -> Void) {
        guard let last = build.allAttempts.last, var lines = logs[last.id] else { return }
        change(&lines)
        logs[last.id] = lines
        watch()
    }

    mutating func changeStream(_ change: (inout [SeenLine]) -> Void) { change(&stream) }

    var entries: [Entry] {
        var entries: [Entry] = [.submitted(plan: plan, key: "key", build: build.id, at: build.createdAt)]
        if isStored { entries.append(.stored(build: build)) }
        entries.append(.event(build: build.id, attempt: nil, at: build.createdAt, kind: "ended"))
        for attempt in build.allAttempts {
            entries += kinds.map { .event(build: build.id, attempt: attempt.id, at: attempt.startedAt, kind: $0) }
            if let lines = logs[attempt.id] {
                entries.append(.log(attempt: attempt.id, lines: lines, sha256: "digest"))
            }
        }
        return entries + (isWatched ? connections : []) + extra
    }

    private var connections: [Entry] {
        let starts = Array(stride(from: 0, to: stream.count, by: linesPerConnection))
        return starts.map { start in
            .followed(
                follower: 1, build: build.id, lines: Array(stream[start...].prefix(linesPerConnection)),
                hasEnded: start == starts.last && hasHeardOfTheEnd)
        }
    }
}
