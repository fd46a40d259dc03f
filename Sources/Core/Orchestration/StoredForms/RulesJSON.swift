import BuildDomain

/// A job's rules as a column holds them: `{"queue_timeout_s":86400,"retry_on":{"exit_codes":[75],"reasons":[]}}`. What
/// is not set is not there.
package enum RulesJSON {
    package static func text(of rules: JobRules) -> String {
        var object: [String: JSONText] = [:]
        object["queue_timeout_s"] = rules.queueTimeoutSeconds.map { .number(Int64($0)) }
        object["step_timeout_s"] = rules.stepTimeoutSeconds.map { .number(Int64($0)) }
        object["no_output_timeout_s"] = rules.noOutputTimeoutSeconds.map { .number(Int64($0)) }
        object["retry_on"] = rules.retryOn.map { rule in
            .object([
                "exit_codes": .array(rule.exitCodes.map { .number(Int64($0)) }),
                "reasons": .strings(rule.reasons.map(\.rawValue)),
            ])
        }
        return JSONText.object(object).text
    }

    package static func rules(_ json: JSONText) -> JobRules? {
        guard let object = json.object else { return nil }
        let number = { (key: String) in object[key]?.number.map { Int($0) } }
        var rules = JobRules(
            queueTimeoutSeconds: number("queue_timeout_s"), stepTimeoutSeconds: number("step_timeout_s"),
            noOutputTimeoutSeconds: number("no_output_timeout_s"))
        if let rule = object["retry_on"]?.object {
            guard let codes = rule["exit_codes"]?.array, let reasons = rule["reasons"]?.strings else { return nil }
            let known = reasons.compactMap(Reason.init(rawValue:))
            guard known.count == reasons.count else { return nil }
            rules.retryOn = RetryRule(exitCodes: codes.compactMap { $0.number.map { Int($0) } }, reasons: known)
        }
        return rules
    }
}
