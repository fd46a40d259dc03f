/// A bearer token as it is kept: everything but the token itself, of which only the SHA-256 is known.
public struct AccessToken: Sendable, Hashable {
    public let id: TokenID
    /// What its owner calls it.
    public var name: String
    public var role: Role
    /// SHA-256 of the token's text, 32 bytes.
    public var digest: [UInt8]
    public var createdAt: Timestamp
    public var expiresAt: Timestamp?
    public var revokedAt: Timestamp?

    public init(
        id: TokenID, name: String, role: Role, digest: [UInt8], createdAt: Timestamp, expiresAt: Timestamp? = nil,
        revokedAt: Timestamp? = nil
    ) {
        self.id = id
        self.name = name
        self.role = role
        self.digest = digest
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.revokedAt = revokedAt
    }

    public func isValid(at now: Timestamp) -> Bool {
        revokedAt == nil && expiresAt.map { now < $0 } ?? true
    }
}

/// What the bearer of a token may do.
public enum Role: String, Sendable, Hashable, Codable, CaseIterable {
    /// Everything, tokens included.
    case admin
    /// Submit, cancel and read builds.
    case user
    /// Read.
    case reader
    /// Claim and report, as a worker does; nothing else.
    case worker

    public func allows(_ permission: Permission) -> Bool {
        switch (self, permission) {
        case (.admin, _): true
        case (.user, .read), (.user, .write), (.reader, .read), (.worker, .work): true
        case (.user, _), (.reader, _), (.worker, _): false
        }
    }
}

/// What an operation asks of its caller.
public enum Permission: String, Sendable, Hashable, CaseIterable {
    case read, write, work, administer
}
