import BuildDomain
import Orchestration

extension PostgresStore {
    public func insert(
        id: TokenID, name: String, role: Role, digest: [UInt8], lifetime: Duration?
    ) async throws(StoreError) -> AccessToken {
        let token = try await read { session in
            try session.execute(
                TokenSQL.insert,
                [
                    .id(id), .text(name), .text(role.rawValue), .bytes(digest), .int64(lifetime?.wholeMilliseconds),
                ])
            return try TokenSQL.tokens(session, "WHERE id = $1", [.id(id)]).first
        }
        // An answer that was lost is asked for again with the same id.
        guard let token, token.digest == digest else { throw .broken("there is another token with the id \(id)") }
        return token
    }

    public func token(digest: [UInt8]) async throws(StoreError) -> (now: Timestamp, token: AccessToken)? {
        try await read { session in
            guard let row = try session.query(TokenSQL.byDigest, [.bytes(digest)]).first else { return nil }
            return (now: try row.time(7), token: try AccessToken(row))
        }
    }

    public func tokens() async throws(StoreError) -> [AccessToken] {
        try await read { session in try TokenSQL.tokens(session, "ORDER BY created_at, id") }
    }

    public func revoke(_ id: TokenID) async throws(StoreError) {
        let found = try await statement(
            "UPDATE api_tokens SET revoked_at = coalesce(revoked_at, \(BuildSQL.now)) WHERE id = $1", [.id(id)])
        guard found == 1 else { throw .notFound }
    }
}

private enum TokenSQL {
    private static let columns = "id, name, role, digest, created_at, expires_at, revoked_at"

    static let insert = """
        INSERT INTO api_tokens (id, name, role, digest, created_at, expires_at)
        SELECT $1, $2, $3, $4, now, now + $5 FROM (SELECT \(BuildSQL.now) AS now) AS clock
        ON CONFLICT (id) DO NOTHING
        """

    static let byDigest = "SELECT \(columns), \(BuildSQL.now) FROM api_tokens WHERE digest = $1"

    static func tokens(
        _ session: PostgresSession, _ rest: String, _ parameters: [PostgresValue] = []
    ) throws -> [AccessToken] {
        try session.query("SELECT \(columns) FROM api_tokens \(rest)", parameters).rows.map(AccessToken.init)
    }
}

extension AccessToken {
    fileprivate init(_ row: PostgresRow) throws {
        self.init(
            id: try row.identifier(0), name: try row.text(1), role: try row.word(2), digest: try row.bytes(3),
            createdAt: try row.time(4), expiresAt: try row.optionalTime(5), revokedAt: try row.optionalTime(6))
    }
}
