import APISchema
import BuildDomain
import Orchestration

/// A build as a page for people.
enum BuildSheet {
    static func lines(of build: BuildView, colored: Bool, now: Timestamp = .now) -> [String] {
        let status = build.style(build.status.rawValue, if: colored)
        let reason = build.explanation
        let times =
            build.startedAt == nil ? "not started yet" : took(from: build.startedAt, to: build.finishedAt)
        let facts = [
            ("build", "\(build.id)"), ("status", reason.isEmpty ? status : "\(status): \(reason)"),
            ("repository", build.repoURL.onOneLine), ("ref", build.ref.onOneLine), ("commit", build.commitSHA ?? "-"),
            ("command", (build.command ?? "-").onOneLine),
            ("submitted", "\(build.createdAt) (\(build.createdAt.age(at: now)))"),
            ("took", times),
        ]
        return facts.map { "\($0.0.padded(to: 11))\($0.1)" } + build.jobs.flatMap { [""] + lines(of: $0) }
    }

    private static func lines(of job: JobView) -> [String] {
        var lines = ["job \(job.name.onOneLine): \(job.status)"]
        if let waiting = job.waiting { lines.append("  \(waiting.message.onOneLine)") }
        if !job.needs.isEmpty { lines.append("  needs \(job.needs.joined(separator: ", ").onOneLine)") }
        if !job.labels.isEmpty { lines.append("  labels \(job.labels.joined(separator: ", ").onOneLine)") }
        return lines + job.attempts.flatMap(self.lines)
    }

    private static func lines(of attempt: AttemptView) -> [String] {
        var words = ["attempt \(attempt.number): \(attempt.status)"]
        if let reason = attempt.reason { words.append("(\(reason.rawValue))") }
        words.append("on \(attempt.worker.onOneLine), \(took(from: attempt.startedAt, to: attempt.finishedAt))")
        if let lines = attempt.logLines { words.append("· \(lines) lines") }
        let error = attempt.error.map { ["    \($0.onOneLine)"] } ?? []
        return ["  " + words.joined(separator: " ")] + error + steps(of: attempt)
    }

    private static func steps(of attempt: AttemptView) -> [String] {
        let names = attempt.steps.map { $0.name.onOneLine.cut(to: 40) }
        let width = names.map(\.count).max() ?? 0
        return zip(attempt.steps, names).enumerated().map { index, pair in
            let (step, name) = pair
            let code = step.exitCode.map { $0 == 0 ? "" : ", exit code \($0)" } ?? ""
            // A step of a lost attempt has no end; nothing of it lasted longer than the attempt.
            let end = step.finishedAt ?? attempt.finishedAt
            let time = step.startedAt == nil ? "" : ", " + took(from: step.startedAt, to: end)
            return "    \(index + 1) \(name.padded(to: width))  \(state(of: step, in: attempt))\(code)\(time)"
        }
    }

    private static func state(of step: Step, in attempt: AttemptView) -> String {
        if let outcome = step.outcome { return outcome.rawValue }
        let isOver = attempt.finishedAt != nil
        if step.startedAt == nil { return isOver ? "did not start" : "waiting" }
        return isOver ? "did not end" : "running"
    }
}

extension String {
    /// Not longer than so many characters; where some are missing it ends with `…`.
    func cut(to width: Int) -> String { count > width ? prefix(width - 1) + "…" : self }

    func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
