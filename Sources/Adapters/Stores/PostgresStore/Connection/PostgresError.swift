/// What can go wrong between this process and PostgreSQL.
enum PostgresError: Error, Hashable, Sendable {
    /// The server refused a statement.
    case server(ServerReport)
    /// The connection broke; nothing that was sent in the open transaction took effect.
    case connectionLost(String)
    /// The connection broke after a commit was sent and before its answer came: the transaction took effect or did not.
    case commitOutcomeUnknown(String)
    /// No connection could be made.
    case cannotConnect(String)
    /// As many callers as may are waiting for a connection already.
    case tooManyWaiting(limit: Int)
    /// No connection came free in time; `lastFailure` says why the last attempt to open one failed, if one did.
    case waitTimedOut(Duration, lastFailure: String?)
    /// The pool or the connection was closed.
    case closed
    /// A column did not hold what was asked of it.
    case unexpectedValue(String)
    /// This layer was used in a way it does not allow.
    case misuse(String)

    /// What the server said about a statement it refused (PostgreSQL manual, appendix A).
    struct ServerReport: Hashable, Sendable {
        var sqlState: String
        var message: String
        var detail: String?
        var hint: String?
        var schema: String?
        var table: String?
        var column: String?
        var constraint: String?
    }
}

extension PostgresError {
    /// The five characters of the server's error code, when it was the server who refused.
    var sqlState: String? { report?.sqlState }
    /// The constraint that was violated, if one was.
    var constraint: String? { report?.constraint }
    var detail: String? { report?.detail }

    var report: ServerReport? {
        guard case .server(let report) = self else { return nil }
        return report
    }

    /// True when the connection cannot be used any more. Nothing is said about the transaction: see
    /// ``commitOutcomeUnknown(_:)``.
    var isConnectionLoss: Bool {
        switch self {
        case .connectionLost, .commitOutcomeUnknown: true
        case .server(let report): ServerReport.endsConnection(report.sqlState)
        default: false
        }
    }

    /// True when the same work may succeed if it is tried again later, with nothing changed by the failed try.
    var isTransient: Bool {
        switch self {
        case .connectionLost, .cannotConnect, .tooManyWaiting, .waitTimedOut: true
        case .server(let report):
            isConnectionLoss || isConflict || report.sqlState == "57014" || report.sqlState.hasPrefix("53")
        default: false
        }
    }

    /// A serialization failure or a deadlock: the server chose this transaction to make way for another.
    var isConflict: Bool { sqlState == "40001" || sqlState == "40P01" }

    /// The server no longer knows a prepared statement as it was: forgetting them all and trying again helps.
    var isStalePreparedStatement: Bool {
        sqlState == "26000" || (sqlState == "0A000" && report?.message.contains("cached plan") == true)
    }
}

extension PostgresError.ServerReport {
    /// Class 08 (connection exceptions) and the shutdowns of class 57, after which the server hangs up; 57P05 and 25P03
    /// are its idle timeouts.
    static func endsConnection(_ sqlState: String) -> Bool {
        sqlState.hasPrefix("08") || ["57P01", "57P02", "57P03", "57P04", "57P05", "25P03"].contains(sqlState)
    }
}

extension PostgresError: CustomStringConvertible {
    var message: String { description }

    var description: String {
        switch self {
        case .server(let report):
            "PostgreSQL \(report.sqlState): \(report.message)" + (report.detail.map { " (\($0))" } ?? "")
        case .connectionLost(let why): "the connection to PostgreSQL broke: \(why)"
        case .commitOutcomeUnknown(let why):
            "the connection to PostgreSQL broke during a commit, which took effect or did not: \(why)"
        case .cannotConnect(let why): "cannot connect to PostgreSQL: \(why)"
        case .tooManyWaiting(let limit):
            "\(limit) callers wait for a PostgreSQL connection already; allow more connections, or send less work"
        case .waitTimedOut(let waited, let lastFailure):
            "no PostgreSQL connection came free within \(waited)"
                + (lastFailure.map { "; the last attempt to open one failed: \($0)" } ?? "")
        case .closed: "the PostgreSQL connections were closed"
        case .unexpectedValue(let what): what
        case .misuse(let what): what
        }
    }
}
