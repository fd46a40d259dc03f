import BuildDomain
import NIOCore
import NIOPosix

/// A client on a plain socket that sends a request and reads only when it is told to.
struct StalledClient: Sendable {
    private let channel: any Channel
    private let received = Shared<[UInt8]>([])

    /// - Parameters:
    ///   - head: the request's first line; what comes before it is sent as it is.
    ///   - fields: header fields beside the usual ones.
    init(_ server: TestServer, _ head: String, _ fields: String...) async throws {
        let received = received
        channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .channelOption(.autoRead, value: false)
            .channelOption(.socketOption(.so_rcvbuf), value: 4096)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Collector(received))
                }
            }
            .connect(host: "127.0.0.1", port: server.port).get()
        try await send(head, ["Authorization: Bearer \(server.tokens[.admin] ?? "")"] + fields)
    }

    func send(_ head: String, _ fields: [String] = []) async throws {
        let text = ([head, "Host: a"] + fields).joined(separator: "\r\n") + "\r\n\r\n"
        try await channel.writeAndFlush(ByteBuffer(string: text)).get()
    }

    /// Reads once what there is.
    /// - Returns: everything read so far.
    @discardableResult
    func readSome() async throws -> Text {
        channel.read()
        try await channel.eventLoop.submit {}.get()
        return Text(bytes: received.get())
    }

    /// Reads to the end of the connection.
    func rest() async throws -> Text {
        // It fails where the connection is closed already, and everything was read then.
        try? await channel.setOption(.autoRead, value: true).get()
        try await channel.closeFuture.get()
        return Text(bytes: received.get())
    }

    func close() async throws { try await channel.close().get() }

    /// What came, with the framing of HTTP in it.
    struct Text {
        var bytes: [UInt8]

        func contains(_ text: String) -> Bool { count(of: text) > 0 }

        func count(of text: String) -> Int { bytes.ranges(of: Array(text.utf8)).count }

        /// The ids of the events that came whole.
        var eventIDs: [String] {
            let mark = Array("id: ".utf8)
            let whole = bytes.lastRange(of: [10, 10]).map { bytes[..<$0.lowerBound] } ?? []
            return whole.split(separator: 10).filter { $0.starts(with: mark) }.map {
                String(decoding: $0.dropFirst(mark.count), as: UTF8.self)
            }
        }
    }

    private final class Collector: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let received: Shared<[UInt8]>

        init(_ received: Shared<[UInt8]>) { self.received = received }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            received.append(unwrapInboundIn(data).readableBytesView)
        }
    }
}

extension Shared where Value == [UInt8] {
    fileprivate func append(_ bytes: some Sequence<UInt8>) { change { $0.append(contentsOf: bytes) } }
}

extension Array where Element == UInt8 {
    fileprivate func lastRange(of pattern: [UInt8]) -> Range<Int>? {
        guard count >= pattern.count else { return nil }
        return (0...(count - pattern.count)).reversed().first { self[$0...].starts(with: pattern) }
            .map { $0..<($0 + pattern.count) }
    }
}
