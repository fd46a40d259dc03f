import BuildDomain
import Orchestration

extension MemoryStore {
    public func insert(
        id: TokenID, name: String, role: Role, digest: [UInt8], lifetime: Duration?
    ) async throws(StoreError) -> AccessToken {
        try write { (state) throws(StoreError) in
            if let known = state.tokens.values.first(where: { $0.id == id || $0.digest == digest }) {
                // An answer that was lost is asked for again with the same id.
                guard known.id == id, known.digest == digest else { throw .broken("api_tokens \(id): exists") }
                return (known, [])
            }
            let now = clock.now
            let token = AccessToken(
                id: id, name: name, role: role, digest: digest, createdAt: now, expiresAt: lifetime.map { now + $0 })
            state.tokens[id] = token
            return (token, [])
        }
    }

    public func token(digest: [UInt8]) async throws(StoreError) -> (now: Timestamp, token: AccessToken)? {
        try read { (state) throws(StoreError) in
            state.tokens.values.first { $0.digest == digest }.map { (clock.now, $0) }
        }
    }

    public func tokens() async throws(StoreError) -> [AccessToken] {
        try read { (state) throws(StoreError) in
            state.tokens.values.sorted { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) }
        }
    }

    public func revoke(_ id: TokenID) async throws(StoreError) {
        try write { (state) throws(StoreError) in
            guard let token = state.tokens[id] else { throw .notFound }
            state.tokens[id]?.revokedAt = token.revokedAt ?? clock.now
            return ((), [])
        }
    }
}
