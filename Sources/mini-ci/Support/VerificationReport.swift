import BuildDomain
import Orchestration

/// Prints what `mini-ci verify` finds while it finds it; nothing piles up in memory.
struct VerificationReport: Sendable {
    private struct Finding: Encodable {
        var build: String
        var attempt: String?
        var kind: String
        var subject: String
        var expected: String
        var found: String
    }

    private struct Summary: Encodable {
        var builds: Int
        var attempts: Int
        var logBytes: Int64
        var findings: Int
        var undecided: Int
        var seconds: Double

        private enum CodingKeys: String, CodingKey {
            case builds, attempts, findings, undecided, seconds
            case logBytes = "log_bytes"
        }
    }

    private let isJSON: Bool
    private let terminal: Terminal
    private let shown: ProgressLine

    init(isJSON: Bool, terminal: Terminal = .current) {
        self.isJSON = isJSON
        self.terminal = terminal
        shown = ProgressLine(isOn: terminal.showsErrors && !isJSON)
    }

    func finding(_ finding: HistoryFinding) {
        shown.clear()
        if isJSON {
            let line = Finding(
                build: finding.build, attempt: finding.attempt?.description, kind: finding.kind.rawValue,
                subject: finding.subject, expected: finding.expected, found: finding.found)
            // Text can always be encoded.
            try? JSONOutput.line(["finding": line])
            return
        }
        let attempt = finding.attempt.map { " attempt \($0)" } ?? ""
        // What is stored may come from anybody, and what is damaged is anything.
        let what = "\(finding.subject.cut): expected \(finding.expected.cut), found \(finding.found.cut)"
        Output.line("build \(finding.build.cut)\(attempt): \(Style.red(what, if: isColored))")
    }

    func progress(_ counts: HistoryCheckCounts) { shown.show("\(Self.words(counts)) …") }

    func end(_ counts: HistoryCheckCounts, took duration: Duration) throws {
        shown.clear()
        if isJSON {
            let seconds = Double(duration.wholeMilliseconds) / 1000
            return try JSONOutput.line([
                "summary": Summary(
                    builds: counts.builds, attempts: counts.attempts, logBytes: counts.logBytes,
                    findings: counts.findings, undecided: counts.undecided, seconds: seconds)
            ])
        }
        let result = counts.findings == 0 ? "nothing is wrong" : "\(counts.findings) findings"
        let verdict = counts.undecided == 0 || counts.findings > 0 ? result : "nothing is wrong with the others"
        Output.line("\(Self.words(counts)) in \(duration.words): \(verdict)")
    }

    static func words(_ counts: HistoryCheckCounts) -> String {
        "checked \(counts.builds) builds, \(counts.attempts) attempts, \(byteWords(counts.logBytes)) of logs"
    }

    private var isColored: Bool { terminal.showsOutput && terminal.usesColor }
}

extension String {
    /// Fit for a line of a terminal, whatever it is.
    fileprivate var cut: String { count > 400 ? String(onOneLine.prefix(399)) + "…" : onOneLine }
}

/// `17 B`, `3.4 KiB`, `120.0 MiB`.
func byteWords(_ bytes: Int64) -> String {
    var (value, unit) = (Double(bytes), "B")
    for larger in ["KiB", "MiB", "GiB", "TiB"] where value >= 1024 {
        value /= 1024
        unit = larger
    }
    return unit == "B" ? "\(bytes) B" : "\((value * 10).rounded() / 10) \(unit)"
}
