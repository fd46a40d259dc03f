import APISchema
import BuildDomain
import NIOHTTP1
import Orchestration

/// The control plane as a worker reaches it over HTTP. Nothing is repeated here but what a dead kept connection lost:
/// when to try again is the worker's decision.
///
/// It holds connections; call ``shutdown()`` when it is not needed any more.
public struct HTTPControlPlane: ControlPlane {
    /// Longer than an answer takes that nobody holds back.
    private static let patience = Duration.seconds(15)
    /// With the wait of a renewal this must stay well below a lease (20 s by default): there must be time to ask again.
    private static let renewalPatience = Duration.seconds(4)
    /// The log is read again and hashed before the answer.
    private static let finishPatience = Duration.seconds(60)
    /// Log chunks are large and lines may be slow.
    private static let appendPatience = Duration.seconds(60)

    private let polls: Transport
    private let writes: Transport

    /// - Parameters:
    ///   - token: of the role `worker`.
    ///   - longPoll: the longest that a claim or renewal will ask to wait.
    public init(server: ServerAddress, token: String, longPoll: Duration = .seconds(30)) {
        // Two pools: however many log appends there are, none keeps a renewal waiting, nor the other way round.
        polls = Transport(server: server, token: token, silence: longPoll + Self.patience)
        writes = Transport(server: server, token: token, silence: Self.appendPatience, connections: 64)
    }

    /// Closes the connections. No call is made after it.
    public func shutdown() async {
        await polls.shutdown()
        await writes.shutdown()
    }

    public func register(_ registration: WorkerRegistration) async throws(ControlPlaneError) {
        do { _ = try await writes.fetch(post("register", try writes.encode(registration))) } catch {
            throw ControlPlaneError(error)
        }
    }

    public func claim(_ request: ClaimRequest) async throws(ControlPlaneError) -> [Assignment] {
        do {
            var call = post("claim", try polls.encode(request), wait: request.waitMilliseconds)
            // Doing it twice would take jobs twice, and the first answer's nobody would execute.
            call.isRepeatable = false
            return try await polls.fetch(call, as: ClaimAnswer.self).assignments
        } catch { throw ControlPlaneError(error) }
    }

    public func renew(_ request: RenewRequest) async throws(ControlPlaneError) -> [AttemptID: LeaseAnswer] {
        do {
            var call = post("renew", try polls.encode(request), wait: request.waitMilliseconds)
            call.patience = .milliseconds(request.waitMilliseconds) + Self.renewalPatience
            return try await polls.fetch(call, as: RenewAnswer.self).byAttempt
        } catch { throw ControlPlaneError(error) }
    }

    public func report(_ progress: AttemptProgress, of attempt: AttemptReference) async throws(ControlPlaneError) {
        do {
            let message = ReportMessage(reference: attempt, progress: progress)
            _ = try await writes.fetch(post("report", try writes.encode(message)))
        } catch { throw ControlPlaneError(error, of: attempt) }
    }

    public func append(_ chunk: LogChunk, to attempt: AttemptReference) async throws(ControlPlaneError) -> LogExtent {
        var call = post("attempts/\(attempt.attempt)/log", ChunkCoding.encode(chunk))
        call.contentType = APIMedia.logChunk
        call.patience = Self.appendPatience
        do { return try await writes.fetch(call, as: LogExtent.self) } catch {
            throw ControlPlaneError(error, of: attempt)
        }
    }

    public func finish(
        _ attempt: AttemptReference, progress: AttemptProgress, end: AttemptEnd
    ) async throws(ControlPlaneError) {
        do {
            let message = FinishMessage(reference: attempt, progress: progress, end: end)
            var call = post("finish", try writes.encode(message))
            call.patience = Self.finishPatience
            _ = try await writes.fetch(call)
        } catch { throw ControlPlaneError(error, of: attempt) }
    }

    private func post(_ path: String, _ body: [UInt8], wait: Int64 = 0) -> Call {
        Call(
            method: .POST, path: "\(APIPath.worker)/\(path)", body: body,
            patience: .milliseconds(wait) + Self.patience)
    }
}
