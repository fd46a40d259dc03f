/// The paths of the HTTP API, in one place for both ends.
public enum APIPath {
    public static let builds = "/api/v1/builds"
    public static let workers = "/api/v1/workers"
    public static let tokens = "/api/v1/tokens"
    /// Everything that workers alone call.
    public static let worker = "/api/v1/worker"
}

/// Query parameters that both ends name.
public enum APIParameter {
    /// Of the log stream: the attempt it begins with, a `LogBeginning`.
    public static let fromAttempt = "from_attempt"
}

/// Header names and media types that HTTP does not define.
public enum APIMedia {
    public static let problem = "application/problem+json"
    public static let lines = "application/x-ndjson"
    public static let events = "text/event-stream"
    /// A log chunk as ``ChunkCoding`` writes it.
    public static let logChunk = "application/vnd.mini-ci.log-chunk"
    public static let idempotencyKey = "Idempotency-Key"
    public static let lastEventID = "Last-Event-ID"
}
