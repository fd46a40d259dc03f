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
        var table = Table(header: ["SETTING", "ENVIRONMENT", "FROM", "VALUE"])
        table.rows = settings.map { line in
            [line.name, line.environment, line.origin, line.value + (line.unit.map { " \($0)" } ?? "")]
        }
        table.show(on: terminal)
    }

    /// A variable that looks like a setting and is none was most likely misspelt.
    static func unknownVariables(in environment: [String: String]) -> [Finding] {
        let known = Set(Catalogue.all.map(\.environment))
        return environment.keys.filter { $0.hasPrefix("MINI_CI_") && !known.contains($0) }.sorted().map {
            Finding(name: "settings", ok: false, detail: "\($0) is no setting", advice: "the settings are listed below")
        }
    }
}
