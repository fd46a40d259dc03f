import Glibc
import NIOCore

/// Closes a connection whose client takes nothing of what it is sent, and every connection that is still there when a
/// shutdown has had its time. Without it a client that stops reading holds memory, a stream's place and the process.
///
/// It stands next to the socket, so it sees what has gone out and not only what was written.
final class ConnectionWatch: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = NIOAny
    typealias InboundOut = NIOAny
    typealias OutboundIn = NIOAny
    typealias OutboundOut = NIOAny

    /// Triggered outbound when the answer is a stream: its reader can come back and go on, so it is waited for less.
    struct StreamBegins: Sendable {}

    private let limits: APIServerLimits
    private var patience: Duration
    private var isEnding = false
    private var hasMoved = false
    private var waiting = 0
    private var alarm: Scheduled<Void>?
    private var lastAlarm: Scheduled<Void>?
    private var lastWrite: EventLoopFuture<Void>?

    init(_ limits: APIServerLimits) {
        self.limits = limits
        patience = limits.answerStallTimeout
    }

    func handlerAdded(context: ChannelHandlerContext) {
        // The kernel would take megabytes for a slow client, and what it takes looks as if the client had taken it.
        _ = context.channel.setOption(
            .tcpOption(NIOBSDSocket.Option(rawValue: TCP_NOTSENT_LOWAT)), value: limits.unsentBytes)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        alarm?.cancel()
        lastAlarm?.cancel()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        hasMoved = true
        // A channel takes what is written until there is too much of it; only from then on time counts.
        if !context.channel.isWritable || isEnding { watch(context) } else { alarm?.cancel() }
        context.fireChannelWritabilityChanged()
    }

    func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
        guard event is StreamBegins else { return context.triggerUserOutboundEvent(event, promise: promise) }
        if !isEnding { patience = limits.streamStallTimeout }
        promise?.succeed()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is ChannelShouldQuiesceEvent, !isEnding {
            isEnding = true
            patience = limits.farewellTimeout
            watch(context)
            lastAlarm = context.eventLoop.assumeIsolated().scheduleTask(in: limits.shutdownTimeout.timeAmount) {
                context.close(mode: .all, promise: nil)
            }
        }
        context.fireUserInboundEventTriggered(event)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let promise = promise ?? context.eventLoop.makePromise()
        lastWrite = promise.futureResult
        promise.futureResult.assumeIsolated().whenComplete { [self] _ in hasMoved = true }
        context.write(data, promise: promise)
    }

    /// The framework closes a connection at a shutdown as soon as the answer's end was written, which is before it has
    /// gone out. It may go out first.
    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        guard mode == .all, isEnding, let lastWrite else { return context.close(mode: mode, promise: promise) }
        context.flush()
        lastWrite.assumeIsolated().whenComplete { _ in context.close(mode: mode, promise: promise) }
    }

    /// From now on the client has to take something in each span of the patience.
    private func watch(_ context: ChannelHandlerContext) {
        alarm?.cancel()
        hasMoved = false
        waiting = buffered(in: context)
        alarm = context.eventLoop.assumeIsolated().scheduleTask(in: patience.timeAmount) { [self] in
            if waiting > 0, !hasMoved, buffered(in: context) == waiting {
                context.close(mode: .all, promise: nil)
            } else {
                watch(context)
            }
        }
    }

    private func buffered(in context: ChannelHandlerContext) -> Int {
        (try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
    }
}
