import BuildDomain

/// An error as the API shows it (RFC 9457).
public struct Problem: Codable, Sendable, Hashable {
    /// A stable relative reference such as `/problems/stale-attempt`.
    public var type: String
    public var title: String
    public var status: Int
    /// What was expected, what came and what to do.
    public var detail: String
    /// The refused fields of the body or query, one sentence each.
    public var errors: [FieldProblem]?
    /// For `log-gap` and `log-not-sealed`: how much of the log is stored.
    public var stored: LogExtent?

    public init(
        type: String, title: String, status: Int, detail: String, errors: [FieldProblem]? = nil,
        stored: LogExtent? = nil
    ) {
        self.type = "/problems/" + type
        self.title = title
        self.status = status
        self.detail = detail
        self.errors = errors
        self.stored = stored
    }
}

public struct FieldProblem: Codable, Sendable, Hashable {
    public var field: String
    public var message: String

    public init(field: String, message: String) {
        self.field = field
        self.message = message
    }
}

/// A worker as the API shows it.
public struct WorkerView: Codable, Sendable, Hashable {
    /// `online`, `draining`, or `offline` when it was not heard of for a lease.
    public var status: String
    public var id: WorkerID
    public var name: String
    public var labels: [String]
    public var capacity: Int
    public var running: Int
    public var version: String
    public var registeredAt: Timestamp
    public var lastSeenAt: Timestamp

    enum CodingKeys: String, CodingKey {
        case id, name, status, labels, capacity, running, version
        case registeredAt = "registered_at"
        case lastSeenAt = "last_seen_at"
    }

    public init(_ worker: Worker, running: Int, now: Timestamp, offlineAfter: Duration) {
        let isOffline = now - worker.lastSeenAt > offlineAfter
        status = isOffline ? "offline" : worker.isDraining ? "draining" : "online"
        id = worker.id
        name = worker.name
        labels = worker.labels.map(\.description).sorted()
        capacity = worker.capacity
        self.running = running
        version = worker.version
        registeredAt = worker.registeredAt
        lastSeenAt = worker.lastSeenAt
    }
}

/// Body of `POST /api/v1/tokens`.
public struct TokenRequest: Codable, Sendable, Hashable {
    public var name: String
    public var role: Role
    public var expiresInSeconds: Int?

    enum CodingKeys: String, CodingKey {
        case name, role
        case expiresInSeconds = "expires_in_s"
    }

    public init(name: String, role: Role, expiresInSeconds: Int? = nil) {
        self.name = name
        self.role = role
        self.expiresInSeconds = expiresInSeconds
    }
}

/// A token as the API shows it. The token itself is shown once, in the answer to its making.
public struct TokenView: Codable, Sendable, Hashable {
    public var id: TokenID
    public var name: String
    public var role: Role
    public var createdAt: Timestamp
    public var expiresAt: Timestamp?
    public var revokedAt: Timestamp?
    public var token: String?

    enum CodingKeys: String, CodingKey {
        case id, name, role, token
        case createdAt = "created_at"
        case expiresAt = "expires_at"
        case revokedAt = "revoked_at"
    }

    public init(_ token: AccessToken, text: String? = nil) {
        id = token.id
        name = token.name
        role = token.role
        createdAt = token.createdAt
        expiresAt = token.expiresAt
        revokedAt = token.revokedAt
        self.token = text
    }
}

/// A line in `application/x-ndjson` and in the events of the log stream.
public struct LineView: Codable, Sendable, Hashable {
    public var number: Int64
    public var time: Timestamp
    public var stream: String
    public var step: Int
    public var text: String
    /// The line had no line feed of its own: the output ended, or it was too long and goes on in the next one.
    public var partial: Bool?
    /// The attempt, in streams that go from one to the next.
    public var attempt: AttemptID?
}
