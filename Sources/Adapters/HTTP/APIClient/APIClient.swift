import APISchema
import BuildDomain
import NIOHTTP1

/// What people do with a server: submit builds, look at them, follow their logs.
///
/// It holds connections; call ``shutdown()`` when it is not needed any more.
public struct APIClient: Sendable {
    let transport: Transport

    /// Where the server is.
    public var server: ServerAddress { transport.server }

    /// - Parameters:
    ///   - token: sent with every call as a header and nowhere else; `nil` where there is none.
    ///   - silence: how long nothing may come from the server before the connection counts as broken. A stream of
    ///     events has heartbeats, so this is also how long it takes to notice that a server vanished without a word.
    public init(server: ServerAddress, token: String?, silence: Duration = .seconds(45)) {
        transport = Transport(server: server, token: token, silence: silence)
    }

    /// Closes the connections. No call is made after it.
    public func shutdown() async { await transport.shutdown() }

    /// Returns when the server is ready to work.
    /// - Throws: ``APIClientError`` that says what stands in the way.
    public func health() async throws(APIClientError) {
        _ = try await transport.fetch(Call(method: .GET, path: "/readyz", accept: "*/*", patience: .seconds(5)))
    }
}
