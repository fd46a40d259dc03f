import APISchema

/// Why a call did not bring what was asked. The description is a sentence for the person at the terminal.
public enum APIClientError: Error, Sendable, Hashable {
    /// No connection could be made.
    case unreachable(server: String, cause: String)
    /// What listens there does not speak TLS, which the address asks for.
    case withoutTLS(server: String)
    /// The connection broke, or nothing came for too long, before the answer was whole.
    case interrupted(server: String, cause: String)
    /// The server said no, and why.
    case refused(server: String, Problem)
    /// An answer that no mini-ci server gives: something else listens there, or stands in between.
    case unexpected(server: String, status: Int, detail: String)
    /// The answer's content is not what the API promises.
    case unreadable(server: String, detail: String)
    /// The token contains characters that no header may have.
    case unusableToken
    /// The task was cancelled.
    case canceled

    /// Whether the same call may succeed later without anybody doing anything.
    public var isTransient: Bool {
        switch self {
        case .unreachable, .interrupted: true
        case .refused(_, let problem): Self.isTransient(status: problem.status)
        // A proxy answers for a server that is away with whatever it likes, 404 included.
        case .unexpected(_, let status, _): Self.isTransient(status: status) || status == 404
        case .withoutTLS, .unreadable, .unusableToken, .canceled: false
        }
    }

    /// The status of the answer, where there was one.
    public var status: Int? {
        switch self {
        case .refused(_, let problem): problem.status
        case .unexpected(_, let status, _): status
        case .unreachable, .withoutTLS, .interrupted, .unreadable, .unusableToken, .canceled: nil
        }
    }

    private static func isTransient(status: Int) -> Bool {
        status >= 500 || status == 408 || status == 425 || status == 429
    }
}

extension APIClientError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unreachable(let server, let cause):
            "could not reach \(server): \(cause). Is the server running? Start one with `mini-ci up`, or name another "
                + "with --server or MINI_CI_SERVER."
        case .withoutTLS(let server):
            "what listens at \(server) does not speak TLS; try \(server.replacing("https://", with: "http://"))"
        case .interrupted(let server, let cause): "the connection to \(server) broke: \(cause)"
        case .refused(_, let problem): Self.sentence(problem)
        case .unexpected(let server, let status, let detail):
            "\(server) answered with status \(status), as no mini-ci server does: \(detail)"
        case .unreadable(let server, let detail): "could not read the answer of \(server): \(detail)"
        case .unusableToken:
            "the token contains spaces or characters that are not ASCII; is it the right file or variable?"
        case .canceled: "interrupted"
        }
    }

    private static func sentence(_ problem: Problem) -> String {
        // Most servers' sentences name the fields already.
        let unsaid = (problem.errors ?? []).filter { !problem.detail.contains($0.message) }
        let fields = unsaid.map { "\n  \($0.field): \($0.message)" }.joined()
        return problem.detail + fields + (problem.status == 401 ? "\n" + tokenAdvice : "")
    }

    /// How a token is given on the command line.
    public static let tokenAdvice =
        "Give a token with --token-file or MINI_CI_TOKEN. `mini-ci up` keeps its own in its data folder, where "
        + "it is found when --data or MINI_CI_DATA names that folder."
}
