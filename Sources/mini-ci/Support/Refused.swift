import APIClient
import APISchema

/// What a server refused, in the words of the command line.
enum Refused {
    /// Fields of the API that have another name as flags.
    private static let flags = [
        "repo_url": "repo", "labels": "label", "timeout_s": "timeout", "queue_timeout_s": "queue-timeout",
        "step_timeout_s": "step-timeout", "no_output_timeout_s": "no-output-timeout", "expires_in_s": "expires",
    ]

    /// A line for each field.
    static func sentences(_ problems: [FieldProblem]) -> String {
        problems.map { problem in
            guard !problem.field.isEmpty else { return problem.message }
            // Of `env.NAME` or `retry_on.reasons` the flag is the first part.
            let parts = problem.field.split(separator: ".", maxSplits: 1).map { String($0) }
            let flag = flags[parts[0]] ?? parts[0].lowercased().replacing("_", with: "-")
            return "--\(([flag] + parts.dropFirst()).joined(separator: " ")) \(problem.message)"
        }.joined(separator: "\n")
    }

    /// What is unknown to the server, or who; the API's own sentences say which request to send.
    static func sentence(_ problem: Problem) -> String {
        guard problem.status == 401 else {
            return problem.detail.replacing("GET \(APIPath.builds) lists", with: "`mini-ci builds` lists")
                .replacing("GET \(APIPath.tokens) lists", with: "`mini-ci token list` lists")
        }
        let cause = problem.detail.hasPrefix("Send ") ? "the server wants a token" : problem.detail
        return cause + "\n" + APIClientError.tokenAdvice
    }
}
