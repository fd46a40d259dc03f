import BuildDomain

extension SubmitLimits {
    /// Everything that is wrong with the plain values of a submission; addresses, refs and labels check themselves.
    func problems(of submission: Submission) -> [InvalidInput] {
        var problems: [InvalidInput] = []
        func expect(_ holds: Bool, _ field: String, _ message: @autoclosure () -> String) {
            if !holds { problems.append(InvalidInput(field: field, message: message())) }
        }
        let command = submission.command
        expect(
            command.contains { !$0.isWhitespace }, "command", "is empty; expected a shell command such as 'make test'")
        expect(
            command.utf8.count <= maximumCommandBytes, "command",
            "has \(command.utf8.count) bytes; at most \(maximumCommandBytes) are allowed. "
                + "Put longer scripts into the repository")
        expect(!command.utf8.contains(0), "command", "contains a NUL character")
        if let priority = submission.priority {
            expect((-1000...1000).contains(priority), "priority", "must be from -1000 to 1000; got \(priority)")
        }
        if let timeout = submission.timeoutSeconds {
            expect(
                (1...maximumTimeoutSeconds).contains(timeout), "timeout_s",
                "must be from 1 to \(maximumTimeoutSeconds) seconds; got \(timeout)")
        }
        if let attempts = submission.maxAttempts {
            expect(
                (1...RetryPolicy.standard.hardCap).contains(attempts), "max_attempts",
                "must be from 1 to \(RetryPolicy.standard.hardCap); got \(attempts)")
        }
        let rules = submission.rules
        for (field, seconds, most) in [
            ("queue_timeout_s", rules.queueTimeoutSeconds, maximumQueueTimeoutSeconds),
            ("step_timeout_s", rules.stepTimeoutSeconds, maximumTimeoutSeconds),
            ("no_output_timeout_s", rules.noOutputTimeoutSeconds, maximumTimeoutSeconds),
        ] {
            guard let seconds else { continue }
            expect((1...most).contains(seconds), field, "must be from 1 to \(most) seconds; got \(seconds)")
        }
        if let rule = rules.retryOn {
            expect(
                rule.exitCodes.allSatisfy { (1...255).contains($0) }, "retry_on.exit_codes",
                "must be from 1 to 255; 0 is success")
            expect(
                rule.exitCodes.count + rule.reasons.count <= 300, "retry_on", "has more than 300 entries")
            expect(
                !rule.exitCodes.isEmpty || !rule.reasons.isEmpty, "retry_on",
                "names no exit code and no reason, so nothing would be retried; leave it out")
        }
        expect(
            submission.labels.count <= Label.maximumCount, "labels",
            "has \(submission.labels.count) labels; at most \(Label.maximumCount) are allowed")
        return problems + environmentProblems(submission.environment)
    }

    private func environmentProblems(_ environment: [String: String]) -> [InvalidInput] {
        var problems: [InvalidInput] = []
        if environment.count > maximumVariables {
            problems.append(
                InvalidInput(
                    field: "env", message: "has \(environment.count) variables; at most \(maximumVariables) are allowed"
                ))
        }
        let bytes = environment.reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count }
        if bytes > maximumEnvironmentBytes {
            problems.append(
                InvalidInput(
                    field: "env", message: "has \(bytes) bytes; at most \(maximumEnvironmentBytes) are allowed"))
        }
        for (name, value) in environment.sorted(by: { $0.key < $1.key }) {
            if !name.isVariableName {
                problems.append(
                    InvalidInput(
                        field: "env",
                        message:
                            "has the name \(name.debugDescription); expected letters, digits and _, not first a digit"))
            } else if name == "MINI_CI" || name.hasPrefix("MINI_CI_") {
                problems.append(
                    InvalidInput(
                        field: "env", message: "sets \(name); MINI_CI and MINI_CI_… are the system's own"))
            }
            if value.utf8.contains(0) {
                problems.append(InvalidInput(field: "env", message: "has a NUL character in the value of \(name)"))
            }
        }
        return problems
    }
}

extension String {
    fileprivate var isVariableName: Bool {
        guard let first = utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else { return false }
        return utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
    }
}
