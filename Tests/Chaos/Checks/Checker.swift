import APISchema
import BuildDomain

/// Holds a history against what mini-ci promises. It sees nothing but the history, so that histories that are wrong can
/// be made up to try it.
package enum Checker {
    package static func check(_ entries: [Entry]) -> [Violation] {
        let findings = Findings(entries)
        return findings.reported + acknowledgements(findings) + keys(findings) + ends(findings)
            + outcomes(findings) + retries(findings) + logs(findings) + followers(findings)
    }

    private static func acknowledgements(_ findings: Findings) -> [Violation] {
        var found: [Violation] = []
        for submit in Set(findings.submits) {
            guard let build = findings.builds[submit.build] else {
                found.append(Violation(.acknowledged, "build \(submit.build) (\(submit.plan.number)) does not exist"))
                continue
            }
            if build.command != submit.plan.command {
                found.append(Violation(.acknowledged, "build \(build.id) has another command than was submitted"))
            }
            if !build.status.isTerminal {
                found.append(Violation(.ends, "build \(build.id) (\(submit.plan.number)) is still \(build.status)"))
            }
        }
        for build in findings.cancelsAccepted {
            let hasNoted = findings.builds[build]?.cancelRequestedAt != nil
            if !hasNoted { found.append(Violation(.acknowledged, "the cancel of \(build) was accepted and forgotten")) }
        }
        return found
    }

    private static func keys(_ findings: Findings) -> [Violation] {
        var found: [Violation] = []
        for (key, submits) in Dictionary(grouping: findings.submits, by: \.key) {
            let ids = Set(submits.map(\.build))
            if ids.count > 1 { found.append(Violation(.keys, "\(key) was answered with \(list(ids))")) }
        }
        // Each plan has a command and a key of its own: a second build of it is one that nobody was told of.
        for (command, builds) in Dictionary(grouping: findings.builds.values, by: \.command) where builds.count > 1 {
            let name = command?.split(separator: "\"").dropFirst().first ?? "-"
            found.append(Violation(.keys, "'\(name)' was made \(builds.count) times: \(list(builds.map(\.id)))"))
        }
        return found
    }

    /// By the history that the store keeps: everything begins once and ends once.
    private static func ends(_ findings: Findings) -> [Violation] {
        var found: [Violation] = []
        let ofAttempts = Dictionary(grouping: findings.events.filter { $0.attempt != nil }, by: \.attempt)
        for attempt in findings.builds.values.flatMap(\.allAttempts) {
            let kinds = (ofAttempts[attempt.id] ?? []).map(\.kind)
            for kind in ["attempt_started", "attempt_ended"] where kinds.count(where: { $0 == kind }) != 1 {
                let count = kinds.count { $0 == kind }
                found.append(Violation(.oneEnd, "attempt \(attempt.id) has \(count) events '\(kind)'"))
            }
        }
        let known = Set(findings.builds.values.flatMap(\.allAttempts).map(\.id))
        for case let attempt? in ofAttempts.keys where !known.contains(attempt) {
            found.append(Violation(.oneEnd, "attempt \(attempt) has events and no row"))
        }
        let ofBuilds = Dictionary(grouping: findings.events.filter { $0.kind == "ended" }, by: \.build)
        for build in findings.builds.keys where ofBuilds[build]?.count != 1 {
            found.append(Violation(.oneEnd, "build \(build) has \(ofBuilds[build]?.count ?? 0) ends"))
        }
        return found
    }

    /// How a build may end that was told to do this, by this many faults.
    private static func outcomes(_ findings: Findings) -> [Violation] {
        findings.plans.compactMap { id, plan in
            guard let build = findings.builds[id], build.status.isTerminal else { return nil }
            let isLegal =
                switch (build.status, build.reason) {
                case (.success, _): plan.exitCode == 0
                case (.failed, .script): plan.exitCode != 0 && build.exitCode == plan.exitCode
                // How often that may be is for the retries' check.
                case (.failed, .workerLost): true
                case (.failed, .diskFull), (.failed, .checkout): findings.wasInjected(.fillDisk)
                case (.canceled, _): findings.cancelsAsked.contains(id)
                default: false
                }
            let reason = build.reason.map { "\($0.rawValue), \(build.error ?? "-")" } ?? "-"
            return isLegal
                ? nil : Violation(.outcomes, "build \(id) (\(plan.number)) ended \(build.status): \(reason)")
        }
    }

    /// Nothing but a fault of the system brings a job another attempt, at most twice; and it does bring it, unless the
    /// build was to be canceled.
    private static func retries(_ findings: Findings) -> [Violation] {
        var found: [Violation] = []
        for build in findings.builds.values where build.status.isTerminal {
            for job in build.jobs {
                let isFault = job.attempts.map { $0.reason?.isSystemFault ?? false }
                if isFault.dropLast().contains(false) {
                    found.append(
                        Violation(.retries, "build \(build.id) went on after an end that is no fault of the system"))
                }
                if isFault.count > 3 {
                    found.append(Violation(.retries, "build \(build.id) has \(isFault.count) attempts"))
                }
                if build.status == .failed, isFault.last == true, isFault.count < 3 {
                    found.append(Violation(.retries, "build \(build.id) was given up after \(isFault.count) faults"))
                }
                if job.attempts.map(\.number) != Array(1...max(1, isFault.count)).suffix(isFault.count) {
                    found.append(Violation(.retries, "build \(build.id) numbers its attempts wrongly"))
                }
            }
        }
        return found
    }

    static func list(_ ids: some Collection<BuildID>) -> String {
        ids.map(\.description).sorted().joined(separator: ", ")
    }
}
