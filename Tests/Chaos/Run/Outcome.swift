/// What came of a run.
package struct Outcome: Sendable {
    package var settings: ChaosSettings
    package var findings: Findings
    package var violations: [Violation]
    /// From the last repair until everything had ended.
    package var secondsToCalm: Double
    /// Starts that a program gave up by itself, because its database or disk was away.
    package var refusedStarts: Int

    init(settings: ChaosSettings, entries: [Entry], secondsToCalm: Double, refusedStarts: Int) {
        self.settings = settings
        findings = Findings(entries)
        violations = Checker.check(entries)
        if let limit = settings.recoverySeconds {
            violations += findings.untilExecutedAgain.filter { $0 > limit }.map {
                Violation(.recovery, "it took \(text($0)) s; at most \(text(limit)) s are allowed")
            }
        }
        self.secondsToCalm = secondsToCalm
        self.refusedStarts = refusedStarts
    }
}
