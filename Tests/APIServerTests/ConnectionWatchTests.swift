import NIOCore
import NIOEmbedded
import Testing

@testable import APIServer

/// When a connection is closed, by a clock that only the test moves.
@Suite final class ConnectionWatchTests {
    /// A channel without a socket forgets what was not flushed when it is closed, and a promise must not be forgotten.
    private var writes: [EventLoopPromise<Void>] = []

    private func settle() { for write in writes { write.succeed() } }

    private func connection() throws -> EmbeddedChannel {
        var limits = APIServerLimits()
        limits.streamStallTimeout = .seconds(30)
        limits.answerStallTimeout = .seconds(600)
        limits.farewellTimeout = .seconds(2)
        limits.shutdownTimeout = .seconds(10)
        let channel = EmbeddedChannel(handler: ConnectionWatch(limits))
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        return channel
    }

    private func write(_ channel: EmbeddedChannel) {
        writes.append(channel.eventLoop.makePromise())
        channel.write(ByteBuffer(string: "line"), promise: writes.last)
    }

    private func takesNothing(_ channel: EmbeddedChannel) {
        write(channel)
        channel.isWritable = false
        channel.pipeline.fireChannelWritabilityChanged()
    }

    @Test(arguments: [(true, 30), (false, 600)])
    func whoTakesNothingIsHungUpOn(isStream: Bool, seconds: Int64) throws {
        let channel = try connection()
        defer { settle() }
        if isStream { channel.triggerUserOutboundEvent(ConnectionWatch.StreamBegins(), promise: nil) }
        takesNothing(channel)
        channel.embeddedEventLoop.advanceTime(by: .seconds(seconds - 1))
        #expect(channel.isActive)
        channel.embeddedEventLoop.advanceTime(by: .seconds(1))
        #expect(!channel.isActive)
    }

    @Test func whoTakesALittleNowAndThenIsNot() throws {
        let channel = try connection()
        defer { settle() }
        channel.triggerUserOutboundEvent(ConnectionWatch.StreamBegins(), promise: nil)
        takesNothing(channel)
        for _ in 0..<10 {
            channel.embeddedEventLoop.advanceTime(by: .seconds(20))
            channel.flush()
            write(channel)
        }
        #expect(channel.isActive)
        channel.embeddedEventLoop.advanceTime(by: .seconds(60))
        #expect(!channel.isActive)
    }

    @Test func whoTookEverythingMayWaitForMore() throws {
        let channel = try connection()
        defer { settle() }
        takesNothing(channel)
        channel.flush()
        channel.isWritable = true
        channel.pipeline.fireChannelWritabilityChanged()
        channel.embeddedEventLoop.advanceTime(by: .hours(1))
        #expect(channel.isActive)
        _ = try channel.finish()
    }

    @Test func aShutdownWaitsLessForThoseWhoTakeNothing() throws {
        let channel = try connection()
        defer { settle() }
        write(channel)
        channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        channel.embeddedEventLoop.advanceTime(by: .seconds(2))
        #expect(!channel.isActive)
    }

    @Test func aShutdownLetsWhatWasBegunEndAndNotForEver() throws {
        let channel = try connection()
        defer { settle() }
        channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        channel.embeddedEventLoop.advanceTime(by: .seconds(9))
        #expect(channel.isActive)
        channel.embeddedEventLoop.advanceTime(by: .seconds(1))
        #expect(!channel.isActive)
    }

    @Test func whatWasWrittenGoesOutBeforeTheClose() throws {
        let channel = try connection()
        defer { settle() }
        channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        write(channel)
        channel.close(promise: nil)
        #expect(try channel.readOutbound(as: ByteBuffer.self) == ByteBuffer(string: "line"))
        channel.embeddedEventLoop.run()
        #expect(!channel.isActive)
    }
}
