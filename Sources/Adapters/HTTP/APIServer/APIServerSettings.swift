import BuildDomain
import NIOCore

/// How the API is served.
public struct APIServerSettings: Sendable {
    /// The address or host name to listen on. `MINI_CI_HOST`.
    public var host = "127.0.0.1"
    /// 1...65535, or 0 for any free port. `MINI_CI_PORT`.
    public var port = 8000
    /// Adds `PATCH /api/v1/builds/{build}/status`, which moves builds by hand. `--development`.
    public var isDevelopment = false
    /// How long a log stream may be silent before a comment is sent into it.
    public var heartbeat = Duration.seconds(15)
    /// How long after its last sign of life a worker is shown as offline; a lease is a good value.
    public var workerOfflineAfter = Duration.seconds(20)
    public var limits = APIServerLimits()

    public init() {}
}

/// What a client may cost the server. What goes beyond is refused with a problem document, or the connection is closed.
public struct APIServerLimits: Sendable {
    /// Bytes of a JSON body.
    public var maximumBodyBytes = 1024 * 1024
    /// Bytes of a log chunk with its header: 2 MiB of text, and as much again for the description of its lines.
    public var maximumChunkBytes = 2 * LogChunk.maximumBytes
    /// Bytes beyond a limit that are still read, and thrown away, before a body is refused.
    public var discardedBytes = 8 * 1024 * 1024
    /// Bytes of all header fields of a request.
    public var maximumHeaderBytes = 32 * 1024
    /// Header fields of a request.
    public var maximumHeaderFields = 100
    /// Connections open at the same time; more wait until one is closed. `MINI_CI_MAX_CONNECTIONS`.
    public var maximumConnections = 10_000
    /// How long the answer to the question whether the store can be written to is believed.
    public var readinessMemory = Duration.seconds(1)
    /// Log streams open at the same time.
    public var maximumStreams = 5000
    /// Bytes of a log that are rendered for one client before it must have taken them; one line may be longer.
    public var renderBytes = 64 * 1024
    /// Writes with lines per second that a long-lived log stream settles at; lines that come faster are sent together.
    public var streamWritesPerSecond = 20
    /// Bytes that the kernel may hold for a connection before it can send them.
    public var unsentBytes = 128 * 1024
    /// How long the reader of a log stream may take nothing of it before it is hung up on; it can come back with the id
    /// of the last line it saw.
    public var streamStallTimeout = Duration.seconds(30)
    /// The same for every other answer: somebody may be looking at a long log page by page.
    public var answerStallTimeout = Duration.seconds(600)
    /// The same for all of them once the server shuts down.
    public var farewellTimeout = Duration.seconds(2)
    /// How long requests that were begun may take once the server shuts down. `MINI_CI_SHUTDOWN_S`.
    public var shutdownTimeout = Duration.seconds(10)
    /// How long a connection may be open without a request, and a request's head may take.
    public var idleTimeout = Duration.seconds(60)
    /// How long a request's body may take.
    public var bodyTimeout = Duration.seconds(60)

    public init() {}
}

extension Duration {
    var timeAmount: TimeAmount { .milliseconds(wholeMilliseconds) }
}
