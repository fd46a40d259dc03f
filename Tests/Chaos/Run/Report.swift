import APISchema
import BuildDomain

/// The table at the end of a run.
package struct Report: Sendable {
    let outcome: Outcome

    package init(_ outcome: Outcome) { self.outcome = outcome }

    private var findings: Findings { outcome.findings }

    package var text: String {
        let settings = outcome.settings
        let head =
            "\n== \(settings.shape.rawValue), \(settings.workload.rawValue) builds, seed \(settings.seed), "
            + "\(settings.seconds) s, leases of \(settings.intervals.lease) ms; history: \(settings.history)"
        return ([head] + faults + builds + recovery + violations).joined(separator: "\n")
    }

    private var faults: [String] {
        var rows = [padded("faults", to: 47) + "injected  survived"]
        for kind in Fault.Kind.allCases {
            let injected = findings.injected.count { $0.fault.kind == kind }
            guard injected > 0 else { continue }
            let survived = findings.mended.count { $0.fault.kind == kind }
            rows.append("  \(padded(kind.rawValue)) \(padded(String(injected), to: 9)) \(survived)")
        }
        rows.append("  \(padded("all")) \(padded(String(findings.injected.count), to: 9)) \(findings.mended.count)")
        return rows
    }

    private var builds: [String] {
        let builds = findings.builds.values
        let attempts = builds.flatMap(\.allAttempts)
        let lines = findings.logs.values.reduce(0) { $0 + $1.lines.count }
        var counts: [(String, Int)] = [
            ("acknowledged", Set(findings.submits.map(\.build)).count),
            ("acknowledged more than once", findings.submits.count - Set(findings.submits.map(\.build)).count),
            ("cancels accepted", findings.cancelsAccepted.count),
        ]
        let ends = Dictionary(grouping: builds) { build in
            build.status.rawValue + (build.status == .failed ? ", \(build.reason?.rawValue ?? "-")" : "")
        }
        counts += ends.sorted { $0.key < $1.key }.map { ("ended \($0.key)", $0.value.count) }
        counts += [
            ("attempts", attempts.count),
            ("attempts lost", attempts.count { $0.reason == .workerLost }),
            ("retries", attempts.count { $0.number > 1 }),
            ("lines stored and compared", lines),
            ("followers", findings.followers.count),
            ("their connections", findings.followers.values.reduce(0) { $0 + $1.connections.count }),
            ("starts given up for want of database or disk", outcome.refusedStarts),
        ]
        return ["builds"] + counts.map { "  \(padded($0.0)) \($0.1)" }
    }

    private var recovery: [String] {
        let calm = "  \(padded("all is mended → all has ended")) \(Chaos.text(outcome.secondsToCalm)) s"
        var rows = findings.afterWorkerKills.map(\.row)
        if outcome.settings.workload == .brief {
            rows = [findings.untilFirstClaims.row, findings.afterDatabaseCrashes(window: .seconds(1)).row]
        }
        return ["recovery"] + rows + [calm]
    }

    private var violations: [String] {
        let found = outcome.violations
        return ["violations: \(found.count)"] + found.prefix(50).map { "  \($0)" }
            + (found.count > 50 ? ["  and \(found.count - 50) more"] : [])
    }
}
