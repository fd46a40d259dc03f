import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Chaos

/// The way between clients and servers, and how it breaks.
@Suite(.timeLimit(.minutes(1))) struct LinkTests {
    @Test func bytesGoThereAndBackHoweverManyTheyAre() async throws {
        let way = try Way()
        let bytes = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0) }
        let near = try way.connect()
        var (sent, heard): (Int, [UInt8]) = (0, [])
        try await eventually("everything came back") {
            sent += max(0, near.send(bytes[sent...].prefix(64 * 1024)))
            heard += near.receive() ?? []
            return heard.count == bytes.count
        }
        #expect(heard == bytes)
    }

    @Test func aSlowLinkIsLate() async throws {
        let way = try Way()
        way.link.set(.slow(milliseconds: 150))
        let near = try way.connect()
        let start = ContinuousClock.now
        #expect(try await way.echo("hello", over: near) == "hello")
        #expect(ContinuousClock.now - start >= .milliseconds(300))
    }

    @Test func whatIsConnectedEndsWhenTheLinkIsDownAndNobodyGetsThroughUntilItIsMended() async throws {
        let way = try Way()
        let near = try way.connect()
        #expect(try await way.echo("hello", over: near) == "hello")
        way.link.set(.down)
        try await eventually("it is reset") { near.isReset }
        let next = try way.connect()
        try await eventually("it is refused") { next.isReset }
        way.link.set(.fine)
        #expect(try await way.echo("again", over: try way.connect()) == "again")
    }

    @Test func aHalfOpenLinkBringsTheQuestionAndLosesTheAnswer() async throws {
        let way = try Way()
        let near = try way.connect()
        #expect(try await way.echo("hello", over: near) == "hello")
        way.link.set(.halfOpen)
        #expect(near.send(Array("lost".utf8)[...]) == 4)
        try await eventually("the far side heard it") { way.heard == "hellolost" }
        #expect(near.receive()?.isEmpty == true)
        way.link.set(.fine)
        try await eventually("nobody goes on after a loss") { near.isReset }
    }

    @Test func aResetEndsWhatIsConnectedAndNothingElse() async throws {
        let way = try Way()
        let near = try way.connect()
        #expect(try await way.echo("hello", over: near) == "hello")
        way.link.reset()
        try await eventually("it is reset") { near.isReset }
        #expect(try await way.echo("again", over: try way.connect()) == "again")
    }
}

/// A link to a server that says what it hears.
private final class Way: Sendable {
    let link: Link
    private let server: Echo

    init() throws {
        let listener = try LoopbackSocket.listening()
        server = Echo()
        link = try Link(to: try listener.port())
        Thread.detachNewThread { [server] in server.serve(listener) }
    }

    deinit {
        link.close()
        server.isOver.withLock { $0 = true }
    }

    var heard: String { server.heard.withLock { String(decoding: $0, as: UTF8.self) } }

    func connect() throws -> LoopbackSocket { try LoopbackSocket.connected(to: link.port) }

    func echo(_ text: String, over near: LoopbackSocket) async throws -> String {
        var heard: [UInt8] = []
        try await eventually("it is connected") { near.send(Array(text.utf8)[...]) == text.utf8.count }
        try await eventually("the answer comes") {
            heard += near.receive() ?? []
            return heard.count == text.utf8.count
        }
        return String(decoding: heard, as: UTF8.self)
    }
}
