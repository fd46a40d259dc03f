import CLibPQ
import Foundation

/// The folder of `initdb` and `postgres`: the newest under /usr/lib/postgresql, or on the PATH.
func findPostgres() throws -> String {
    let root = "/usr/lib/postgresql"
    let versions = ((try? FileManager.default.contentsOfDirectory(atPath: root)) ?? [])
        .sorted { (Int($0) ?? 0) > (Int($1) ?? 0) }
        .map { "\(root)/\($0)/bin" }
    let path = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
    for folder in versions + path
    where ["initdb", "postgres"].allSatisfy({ FileManager.default.isExecutableFile(atPath: "\(folder)/\($0)") }) {
        return folder
    }
    throw PostgresServerError("no initdb and postgres in \(root)/*/bin nor on the PATH; install Debian's 'postgresql'")
}

/// Whom to run as: nobody else unless this is root, as whom PostgreSQL refuses to run.
func serverUser() throws -> String? {
    guard getuid() == 0 else { return nil }
    for name in ["postgres", "nobody"] where getpwnam(name) != nil {
        // `setpriv --regid` wants a group of the user, which has not always the same name.
        return name == "nobody" ? "65534" : name
    }
    throw PostgresServerError("running as root, and there is neither a user 'postgres' nor 'nobody' to be instead")
}

/// A folder of its own with a path short enough for a unix socket in it, which has 107 bytes.
func makeFolder() throws -> String {
    let asked = ProcessInfo.processInfo.environment["TMPDIR"] ?? "/tmp"
    let parent = asked.utf8.count < 60 ? asked : "/tmp"
    var template = Array("\(parent)/mini-ci-pg.XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else {
        throw PostgresServerError("cannot make a folder in \(parent): \(String(cString: strerror(errno)))")
    }
    return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

/// A loopback port that was free a moment ago. The system gives none of these to outgoing connections, so that who
/// stops listening for a while can have it again.
public func freePort() throws -> UInt16 {
    for _ in 0..<100 {
        let port = UInt16.random(in: 10_000..<32_768)
        if try isFree(port) { return port }
    }
    throw PostgresServerError("no free port between 10000 and 32768")
}

private func isFree(_ port: UInt16) throws -> Bool {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { throw PostgresServerError("no socket: \(String(cString: strerror(errno)))") }
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
    return withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
        }
    }
}

/// Runs SQL over a connection of its own, blocking.
/// - Returns: the rows of the last statement, each value as text.
@discardableResult
func runSQL(_ sql: String, conninfo: String) throws -> [[String?]] {
    let connection = PQconnectdb(conninfo)
    defer { PQfinish(connection) }
    PQsetNoticeProcessor(connection, { _, _ in }, nil)
    guard PQstatus(connection) == CONNECTION_OK else {
        throw PostgresServerError(String(cString: PQerrorMessage(connection)))
    }
    let result = PQexec(connection, sql)
    defer { PQclear(result) }
    guard [PGRES_COMMAND_OK, PGRES_TUPLES_OK].contains(PQresultStatus(result)) else {
        throw PostgresServerError(String(cString: PQerrorMessage(connection)))
    }
    return (0..<PQntuples(result)).map { row in
        (0..<PQnfields(result)).map { column in
            PQgetisnull(result, row, column) == 1 ? nil : String(cString: PQgetvalue(result, row, column))
        }
    }
}

/// A pipe that children do not inherit.
func makePipe() throws -> (read: Int32, write: Int32) {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { throw PostgresServerError("no pipe: \(String(cString: strerror(errno)))") }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return (ends[0], ends[1])
}

/// Lends a list of C strings that ends with NULL.
func withCStrings<T>(_ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> T) -> T {
    let copies = strings.map { strdup($0) }
    defer { for copy in copies { free(copy) } }
    return body(copies + [nil])
}
