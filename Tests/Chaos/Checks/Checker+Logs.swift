import APISchema
import BuildDomain

extension Checker {
    /// A sealed log is whole, and of every attempt it is what the command printed, or how that began.
    static func logs(_ findings: Findings) -> [Violation] {
        var found: [Violation] = []
        for (id, plan) in findings.plans {
            for attempt in findings.builds[id]?.allAttempts ?? [] {
                guard let log = findings.logs[attempt.id] else {
                    found.append(Violation(.logs, "the log of attempt \(attempt.id) cannot be read"))
                    continue
                }
                found += flaws(of: log, attempt, plan).map {
                    Violation(.logs, "attempt \(attempt.id), number \(attempt.number) of build \(plan.number): \($0)")
                }
            }
        }
        return found
    }

    private static func flaws(of log: Findings.StoredLog, _ attempt: AttemptView, _ plan: BuildPlan) -> [String] {
        var flaws: [String] = []
        let numbers = log.lines.map(\.number)
        if zip(numbers, 1...).contains(where: { $0 != Int64($1) }) { flaws.append("its lines are not numbered 1…n") }
        if let lines = attempt.logLines, lines != Int64(numbers.count) {
            flaws.append("it has \(numbers.count) lines and its seal says \(lines)")
        }
        if let sha256 = attempt.logSHA256, sha256 != log.sha256 { flaws.append("it is not what its seal says") }
        let output = log.lines.filter(\.isOutput).map(\.text)
        let expected = plan.output(attempt: attempt.number)
        if hasRunToItsEnd(attempt) {
            if attempt.logSHA256 == nil { flaws.append("it ended by itself and has no seal") }
            if output != expected { flaws.append(difference(output, expected)) }
        } else if !expected.starts(with: output) {
            flaws.append(difference(output, expected))
        }
        return flaws
    }

    private static func hasRunToItsEnd(_ attempt: AttemptView) -> Bool {
        attempt.status == .success || attempt.reason == .script
    }

    private static func difference(_ output: [String], _ expected: [String]) -> String {
        let at = zip(output, expected).prefix { $0 == $1 }.count
        let came = at < output.count ? "'\(output[at])'" : "its end"
        let wanted = at < expected.count ? "'\(expected[at])'" : "its end"
        return "after \(at) lines of the command came \(came) and not \(wanted)"
    }

    /// Over all its connections a follower sees each line once and in order, and what ended is exactly what is stored.
    static func followers(_ findings: Findings) -> [Violation] {
        findings.followers.sorted { $0.key < $1.key }.flatMap { number, follower in
            flaws(of: follower, findings).map {
                Violation(.followers, "follower \(number) of \(follower.build): \($0)")
            }
        }
    }

    private static func flaws(of follower: Findings.Follower, _ findings: Findings) -> [String] {
        let seen = follower.connections.flatMap(\.lines)
        let attempts = findings.builds[follower.build]?.allAttempts ?? []
        let stored = attempts.flatMap { attempt in
            (findings.logs[attempt.id]?.lines ?? []).map {
                SeenLine(attempt: attempt.id, number: $0.number, text: $0.text)
            }
        }
        var flaws: [String] = []
        let hasEnded = follower.connections.contains(where: \.hasEnded)
        if !hasEnded { flaws.append("it was never told of the end") }
        let agreed = zip(seen, stored).prefix { $0 == $1 }.count
        if agreed < seen.count {
            let wanted = agreed < stored.count ? name(stored[agreed]) : "the end"
            flaws.append("line \(agreed + 1) that it saw is \(name(seen[agreed])) and not \(wanted)")
        } else if hasEnded, agreed < stored.count {
            flaws.append("it was told of the end and had seen \(agreed) of \(stored.count) lines")
        }
        return flaws
    }

    private static func name(_ line: SeenLine) -> String { "\(line.attempt):\(line.number) '\(line.text)'" }
}
