import BuildDomain
import Orchestration

extension SQLiteStore {
    public func insert(
        id: TokenID, name: String, role: Role, digest: [UInt8], lifetime: Duration?
    ) async throws(StoreError) -> AccessToken {
        let clock = clock
        return try await writes.submit { (sqlite) throws(StoreError) in
            // An answer that was lost is asked for again with the same id.
            if let known = try sqlite.tokens("WHERE id = ?", [.text(id.description)]).first, known.digest == digest {
                return (known, [])
            }
            let now = clock.now
            let token = AccessToken(
                id: id, name: name, role: role, digest: digest, createdAt: now, expiresAt: lifetime.map { now + $0 })
            try sqlite.run(
                "INSERT INTO api_tokens (id, name, role, digest, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?)",
                [
                    .text(id.description), .text(name), .text(role.rawValue), .blob(digest),
                    .integer(now.milliseconds), SQLValue(token.expiresAt?.milliseconds),
                ])
            return (token, [])
        }
    }

    public func token(digest: [UInt8]) async throws(StoreError) -> (now: Timestamp, token: AccessToken)? {
        let token = try readNow { (sqlite) throws(StoreError) in
            try sqlite.tokens("WHERE digest = ?", [.blob(digest)]).first
        }
        return token.map { (clock.now, $0) }
    }

    public func tokens() async throws(StoreError) -> [AccessToken] {
        try await read { (sqlite) throws(StoreError) in try sqlite.tokens("ORDER BY created_at, id") }
    }

    public func revoke(_ id: TokenID) async throws(StoreError) {
        let clock = clock
        try await writes.submit { (sqlite) throws(StoreError) in
            let found = try sqlite.run(
                "UPDATE api_tokens SET revoked_at = coalesce(revoked_at, ?2) WHERE id = ?1",
                [.text(id.description), .integer(clock.now.milliseconds)])
            guard found == 1 else { throw .notFound }
            return ((), [])
        }
    }
}

extension SQLite {
    fileprivate func tokens(_ rest: String, _ values: [SQLValue] = []) throws(StoreError) -> [AccessToken] {
        try all(
            "SELECT id, name, role, digest, created_at, expires_at, revoked_at FROM api_tokens \(rest)", values
        ) { (row) throws(StoreError) in
            let row = row.of("api_tokens")
            return AccessToken(
                id: try row.identifier(0), name: try row.text(1), role: try row.word(2), digest: try row.blob(3),
                createdAt: try row.time(4), expiresAt: try row.optional(5, row.time),
                revokedAt: try row.optional(6, row.time))
        }
    }
}
