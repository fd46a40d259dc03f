import AsyncHTTPClient
import NIOCore
import NIOPosix

extension APIClientError {
    /// Says in words for people what the HTTP client threw.
    init(_ error: any Error, server: ServerAddress) {
        let name = server.description
        switch error {
        case let known as APIClientError: self = known
        case is CancellationError: self = .canceled
        case let failure as HTTPClientError: self.init(failure, server: name)
        case let failure as NIOConnectionError: self = .unreachable(server: name, cause: failure.cause)
        case let failure as IOError where failure.errnoCode == ECONNREFUSED:
            self = .unreachable(server: name, cause: "connection refused")
        case let failure as IOError: self = .interrupted(server: name, cause: failure.words)
        case is ChannelError: self = .interrupted(server: name, cause: "the server closed it")
        case is NIOTooManyBytesError: self = .unreadable(server: name, detail: "it is longer than expected")
        default: self = Self.overTLS(error, server: name) ?? .interrupted(server: name, cause: "\(error)")
        }
    }

    /// Errors of TLS, whose types the HTTP client does not show and whose texts name files of the TLS library.
    private static func overTLS(_ error: any Error, server: String) -> APIClientError? {
        guard String(reflecting: type(of: error)).hasPrefix("NIOSSL.") else { return nil }
        let text = "\(error)"
        let plain = ["WRONG_VERSION_NUMBER", "HTTP_REQUEST", "HTTPS_PROXY_REQUEST"]
        if plain.contains(where: { text.contains($0) }) { return .withoutTLS(server: server) }
        guard let reason = text.firstMatch(of: /OPENSSL_internal:([A-Z0-9_]+)/) else {
            return .unreachable(server: server, cause: "no TLS connection could be made")
        }
        let words = reason.output.1.lowercased().split(separator: "_").joined(separator: " ")
        return .unreachable(server: server, cause: "no TLS connection could be made (\(words))")
    }

    private init(_ error: HTTPClientError, server: String) {
        switch error {
        case .cancelled: self = .canceled
        case .connectTimeout, .tlsHandshakeTimeout: self = .unreachable(server: server, cause: "no answer in time")
        case .readTimeout, .deadlineExceeded, .writeTimeout:
            self = .interrupted(server: server, cause: "no answer in time")
        case .remoteConnectionClosed, .uncleanShutdown:
            self = .interrupted(server: server, cause: "the server closed it")
        default: self = .unreachable(server: server, cause: error.shortDescription.lowercased())
        }
    }
}

extension NIOConnectionError {
    fileprivate var cause: String {
        if let failure = connectionErrors.last { return (failure.error as? IOError)?.words ?? "\(failure.error)" }
        return dnsAError == nil && dnsAAAAError == nil
            ? "no address for \(host)" : "the name \(host) could not be resolved"
    }
}

extension IOError {
    fileprivate var words: String {
        switch errnoCode {
        case ECONNREFUSED: "connection refused"
        case ECONNRESET, EPIPE: "the server closed it"
        case ETIMEDOUT: "no answer in time"
        case EHOSTUNREACH, ENETUNREACH: "there is no route to it"
        default: "\(self)"
        }
    }
}
