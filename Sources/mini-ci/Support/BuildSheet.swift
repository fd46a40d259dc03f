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
        return ["  " + words.joined(separator: " ")] + error + steps(attempt.steps)
    }

    private static func steps(_ steps: [Step]) -> [String] {
        let width = min(40, steps.map(\.name.count).max() ?? 0)
        return steps.enumerated().map { index, step in
            let state = step.outcome?.rawValue ?? (step.startedAt == nil ? "waiting" : "running")
            let code = step.exitCode.map { $0 == 0 ? "" : ", exit code \($0)" } ?? ""
            let time = step.startedAt == nil ? "" : ", " + took(from: step.startedAt, to: step.finishedAt)
            return
                "    \(index + 1) \(String(step.name.onOneLine.prefix(40)).padded(to: width))  \(state)\(code)\(time)"
        }
    }
}

extension String {
    func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
