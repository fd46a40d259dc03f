import APISchema
import BuildDomain

/// How long things took to come back, in seconds.
package struct Recovery: Sendable {
    package var name: String
    package var samples: [Double]

    package init(name: String, samples: [Double]) {
        self.name = name
        self.samples = samples.sorted()
    }

    package var median: Double? { samples.isEmpty ? nil : samples[(samples.count - 1) / 2] }

    package var row: String {
        guard let median, let longest = samples.last else { return "  \(padded(name)) no samples" }
        return "  \(padded(name)) median \(text(median)) s, max \(text(longest)) s (\(samples.count))"
    }
}

extension Findings {
    /// What workers executed when they were killed: the fault's time, the attempt's end, and when the next began.
    private var losses: [(killed: Timestamp, lost: Timestamp, next: Timestamp?)] {
        var found: [(Timestamp, Timestamp, Timestamp?)] = []
        for (fault, killed) in injected where fault.kind == .killWorker {
            for job in builds.values.flatMap(\.jobs) {
                for (index, attempt) in job.attempts.enumerated() where attempt.worker == "worker-\(fault.target)" {
                    guard attempt.reason == .workerLost, attempt.startedAt <= killed, let lost = attempt.finishedAt,
                        lost >= killed
                    else { continue }
                    let next = index + 1 < job.attempts.count ? job.attempts[index + 1].startedAt : nil
                    found.append((killed, lost, next))
                }
            }
        }
        return found
    }

    /// Seconds from the SIGKILL of a worker until somebody executed again what it had.
    package var untilExecutedAgain: [Double] {
        losses.compactMap { loss in loss.next.map { ($0 - loss.killed) / .seconds(1) } }
    }

    package var afterWorkerKills: [Recovery] {
        [
            Recovery(
                name: "worker SIGKILL → its attempt is given up",
                samples: losses.map { ($0.lost - $0.killed) / .seconds(1) }),
            Recovery(name: "worker SIGKILL → its job is executed again", samples: untilExecutedAgain),
        ]
    }

    /// How often jobs were claimed, by the second since 1970.
    func claims(from start: Timestamp, to end: Timestamp) -> Double {
        let count = events.count { $0.kind == "attempt_started" && $0.at >= start && $0.at < end }
        return Double(count) / ((end - start) / .seconds(1))
    }

    /// From when PostgreSQL accepted connections again until the first job was claimed.
    package var untilFirstClaims: Recovery {
        let samples = mended.filter { $0.fault.kind == .crashDatabase }.compactMap { _, back in
            events.filter { $0.kind == "attempt_started" && $0.at >= back }.map(\.at).min()
                .map { ($0 - back) / .seconds(1) }
        }
        return Recovery(name: "PostgreSQL is back → first claim", samples: samples)
    }

    /// From when PostgreSQL accepted connections again until claims came as often as before the crash, counted over
    /// `window`. Meaningful where builds come in at an even pace and nothing else is broken.
    package func afterDatabaseCrashes(window: Duration) -> Recovery {
        let samples = injected.compactMap { fault, crashed -> Double? in
            guard fault.kind == .crashDatabase, let back = mended.first(where: { $0.fault == fault })?.at
            else { return nil }
            let before = claims(from: crashed + .seconds(-10), to: crashed)
            let last = events.last { $0.kind == "attempt_started" }?.at ?? back
            var start = back
            while start + window <= last {
                if claims(from: start, to: start + window) >= 0.99 * before { return (start - back) / .seconds(1) }
                start = start + .milliseconds(50)
            }
            return nil
        }
        return Recovery(name: "PostgreSQL is back → claim rate is at 99 %", samples: samples)
    }
}

func padded(_ text: String, to width: Int = 44) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
}

func text(_ seconds: Double) -> String { "\((seconds * 100).rounded() / 100)" }
