import MiniCI

/// What `mini-ci doctor` prints.
struct DoctorReport: Encodable {
    struct Finding: Encodable {
        var name: String
        var ok: Bool
        var detail: String
        var advice: String?
    }

    struct Line: Encodable {
        var name: String
        var value: String
        var unit: String?
        var origin: String
        var flag: String
        var environment: String

        init(_ setting: ResolvedSetting) {
            name = setting.info.name
            value = setting.value
            unit = setting.info.unit
            origin = setting.origin.description
            flag = "--" + setting.info.flag
            environment = setting.info.environment
        }
    }

    var findings: [Finding]
    var settings: [Line]

    func show(on terminal: Terminal = .current) {
        let isColored = terminal.showsOutput && terminal.usesColor
        let width = findings.map(\.name.count).max() ?? 0
        for finding in findings {
            let mark = finding.ok ? Style.green("ok  ", if: isColored) : Style.red("fail", if: isColored)
            Output.line("\(mark)  \(finding.name.padded(to: width))  \(finding.detail.onOneLine)")
            if let advice = finding.advice { Output.line("      \("".padded(to: width))  → \(advice.onOneLine)") }
        }
        Output.line("")
        table.show(on: terminal)
    }

    /// The settings, under the names that people give them by.
    var table: Table {
        var table = Table(header: ["FLAG", "ENVIRONMENT", "FROM", "VALUE"])
        let flags = settings.map(\.flag)
        table.rows = settings.map { line in
            let isWorkers = line.environment.hasPrefix("MINI_CI_WORKER_") && flags.count { $0 == line.flag } > 1
            return [
                line.flag + (isWorkers ? " (worker)" : ""), line.environment, line.origin,
                line.value + (line.unit.map { " \($0)" } ?? ""),
            ]
        }
        return table
    }

    /// A variable that looks like a setting and is none was most likely misspelt.
    static func unknownVariables(in environment: [String: String]) -> [Finding] {
        UnknownVariables.names(in: environment).map {
            Finding(
                name: "settings", ok: false, detail: "\($0) is no setting",
                advice: UnknownVariables.nearest(to: $0).map { "did you mean \($0)?" }
                    ?? "the settings are listed below")
        }
    }
}
