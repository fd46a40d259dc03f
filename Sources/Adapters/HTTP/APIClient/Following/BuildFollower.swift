import APISchema
import BuildDomain
import Orchestration

/// What somebody who follows a build hears.
public enum FollowNews: Sendable, Hashable {
    /// The next line. Each line of an attempt comes once, in order, whatever happens to connections and servers.
    case line(LineView)
    /// The build changed.
    case state(BuildView)
    /// The build has ended and every line has come. Nothing comes after it.
    case end(BuildView)
    /// The connection was lost; it is made again after `delay`.
    case reconnecting(cause: APIClientError, delay: Duration)
}

/// Follows a build to its end over as many connections as that takes.
///
/// Iteration throws ``APIClientError`` only when going on is no use: the server refuses the token or does not know the
/// build, or it was away for longer than `patience`. It throws `CancellationError` when the task is cancelled.
public struct BuildFollower: AsyncSequence, Sendable {
    public typealias Element = FollowNews

    let transport: Transport
    let build: BuildID
    let position: LogPosition?
    let beginning: LogBeginning
    let patience: Duration?

    public func makeAsyncIterator() -> FollowIterator {
        FollowIterator(
            transport: transport, build: build, position: position, beginning: beginning, patience: patience)
    }
}

extension APIClient {
    /// Follows a build and the log of its job.
    /// - Parameters:
    ///   - position: lines after this one come first.
    ///   - beginning: the attempt to begin with where there is no position.
    ///   - patience: after how long without any connection to give up; `nil` for never.
    public func follow(
        _ build: BuildID, after position: LogPosition? = nil, from beginning: LogBeginning = .newest,
        patience: Duration? = nil
    ) -> BuildFollower {
        BuildFollower(
            transport: transport, build: build, position: position, beginning: beginning, patience: patience)
    }
}
