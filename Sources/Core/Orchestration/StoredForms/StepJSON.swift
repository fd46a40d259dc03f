import BuildDomain

/// Steps as columns hold them: what a job is to do (`[{"uses":"checkout"},{"run":"make"}]`) and how far an attempt is
/// (`[{"name":"checkout","started_at":1700000000000,"outcome":"success",…}]`, times in milliseconds).
package enum StepJSON {
    package static func text(of specs: [StepSpec]) -> String {
        JSONText.array(
            specs.map { spec in
                switch spec {
                case .checkout: .object(["uses": .string("checkout")])
                case .run(let command): .object(["run": .string(command)])
                }
            }
        ).text
    }

    package static func specs(_ json: JSONText) -> [StepSpec]? {
        guard let array = json.array else { return nil }
        let specs = array.compactMap { step -> StepSpec? in
            guard let object = step.object else { return nil }
            if let command = object["run"]?.string { return .run(command: command) }
            return object["uses"]?.string == "checkout" ? .checkout : nil
        }
        return specs.count == array.count ? specs : nil
    }

    package static func text(of steps: [Step]) -> String {
        JSONText.array(
            steps.map { step in
                var object: [String: JSONText] = ["name": .string(step.name)]
                object["started_at"] = step.startedAt.map { .number($0.milliseconds) }
                object["finished_at"] = step.finishedAt.map { .number($0.milliseconds) }
                object["outcome"] = step.outcome.map { .string($0.rawValue) }
                object["conclusion"] = step.conclusion.map { .string($0.rawValue) }
                object["exit_code"] = step.exitCode.map { .number(Int64($0)) }
                return .object(object)
            }
        ).text
    }

    package static func steps(_ json: JSONText) -> [Step]? {
        guard let array = json.array else { return nil }
        let steps = array.compactMap { step in step.object.flatMap(Self.step) }
        return steps.count == array.count ? steps : nil
    }

    private static func step(_ object: [String: JSONText]) -> Step? {
        guard let name = object["name"]?.string else { return nil }
        let time = { (key: String) in object[key]?.number.map { Timestamp(milliseconds: $0) } }
        let outcome = { (key: String) in object[key]?.string.flatMap(StepOutcome.init(rawValue:)) }
        return Step(
            name: name, startedAt: time("started_at"), finishedAt: time("finished_at"), outcome: outcome("outcome"),
            conclusion: outcome("conclusion"), exitCode: object["exit_code"]?.number.map { Int($0) })
    }
}

extension JSONText {
    package static func strings(_ strings: some Sequence<String>) -> JSONText { .array(strings.map(JSONText.string)) }

    /// A dictionary of strings; `nil` where it is anything else.
    package var stringsByKey: [String: String]? {
        guard let object else { return nil }
        let strings = object.compactMapValues(\.string)
        return strings.count == object.count ? strings : nil
    }
}
