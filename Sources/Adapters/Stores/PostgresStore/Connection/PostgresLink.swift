import CLibPQ
import Glibc

/// One libpq connection: the raw calls, the prepared statements, and nothing about transactions.
///
/// Every call blocks until the server has answered. Not `Sendable`: it lives on its connection's thread.
final class PostgresLink {
    static let binaryFormat: Int32 = 1

    let raw: OpaquePointer
    let configuration: PostgresConfiguration
    /// Names of what is prepared, by SQL text and parameter types.
    var prepared: [PreparedKey: String] = [:]
    var nextName = 0
    /// Set when libpq's state no longer matches the server's, so that the connection must not be used again.
    var isPoisoned = false

    struct PreparedKey: Hashable {
        let sql: String
        let types: [UInt32]
    }

    /// Connects, blocking for up to the connect timeout per address and for as long as names take to resolve.
    ///
    /// - Throws: `PostgresError.cannotConnect`.
    init(_ configuration: PostgresConfiguration) throws {
        guard let raw = connectRaw(configuration.keywords) else {
            throw PostgresError.cannotConnect("out of memory")
        }
        guard PQstatus(raw) == CONNECTION_OK else {
            defer { PQfinish(raw) }
            throw PostgresError.cannotConnect(errorText(raw))
        }
        self.raw = raw
        self.configuration = configuration
        // By default libpq prints notices to standard error.
        PQsetNoticeProcessor(raw, { _, _ in }, nil)
        do {
            try script(configuration.sessionSettings)
        } catch {
            throw PostgresError.cannotConnect("\(error)")
        }
    }

    deinit { PQfinish(raw) }

    var isAlive: Bool { !isPoisoned && PQstatus(raw) == CONNECTION_OK }

    var isIdle: Bool { PQtransactionStatus(raw) == PQTRANS_IDLE }

    /// What libpq last complained about, on one line.
    var lastMessage: String { errorText(raw) }

    /// Looks, without a round trip, whether the server hung up while nobody was using the connection.
    func checkAliveWhileIdle() -> Bool {
        guard isAlive, isIdle else { return false }
        var descriptor = pollfd(fd: PQsocket(raw), events: Int16(POLLIN), revents: 0)
        guard poll(&descriptor, 1, 0) > 0 else { return true }
        // The first read takes what the server still said; the second finds the end of the stream behind it.
        return PQconsumeInput(raw) == 1 && PQconsumeInput(raw) == 1 && isAlive
    }

    /// Runs statements separated by semicolons, without parameters, as one implicit transaction.
    ///
    /// - Throws: `PostgresError`.
    func script(_ sql: String) throws(PostgresError) {
        guard let result = PQexec(raw, sql) else { throw lost() }
        defer { PQclear(result) }
        guard PostgresLink.isSuccess(result) else { throw failure(of: result) }
    }

    /// Forgets the prepared statements when there are many, or when the server's are in doubt.
    func forgetPrepared() {
        prepared.removeAll()
        do { try script("DEALLOCATE ALL") } catch { isPoisoned = true }
    }

    static func isSuccess(_ result: OpaquePointer) -> Bool {
        let status = PQresultStatus(result)
        return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY
    }

    func lost() -> PostgresError {
        isPoisoned = true
        return .connectionLost(lastMessage)
    }

    /// What a result that is no success says.
    func failure(of result: OpaquePointer) -> PostgresError {
        func field(_ code: Unicode.Scalar) -> String? {
            PQresultErrorField(result, Int32(code.value)).map { String(cString: $0) }
        }
        // Only the server gives codes; without one it is libpq that lost it.
        guard let sqlState = field("C") else {
            if PQstatus(raw) != CONNECTION_OK { return lost() }
            isPoisoned = true
            return .misuse("libpq: \(lastMessage)")
        }
        if PostgresError.ServerReport.endsConnection(sqlState) { isPoisoned = true }
        return .server(
            PostgresError.ServerReport(
                sqlState: sqlState, message: field("M") ?? "", detail: field("D"), hint: field("H"),
                schema: field("s"), table: field("t"), column: field("c"), constraint: field("n")))
    }
}

/// Calls `PQconnectdbParams`, which wants its keywords and values as two arrays that end with NULL.
private func connectRaw(_ keywords: [(String, String)]) -> OpaquePointer? {
    let names = keywords.map { strdup($0.0) }
    let values = keywords.map { strdup($0.1) }
    defer { for text in names + values { free(text) } }
    let nameList = names.map { UnsafePointer($0) } + [nil]
    let valueList = values.map { UnsafePointer($0) } + [nil]
    return PQconnectdbParams(nameList, valueList, 1)
}

private func errorText(_ raw: OpaquePointer) -> String {
    let text = PQerrorMessage(raw).map { String(cString: $0) } ?? ""
    let line = text.split(whereSeparator: \.isNewline).joined(separator: " ").replacing("\t", with: " ")
    return line.isEmpty ? "no reason given" : line
}
