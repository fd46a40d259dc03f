import BuildDomain
import MemoryStore
import Orchestration

extension World {
    /// The control plane with the mistake that was asked for, at the place where such mistakes are made.
    func planted(_ plane: LocalControlPlane) -> any ControlPlane {
        switch settings.bug {
        case nil, .leaseByWorkerClock, .noRetryCap: plane
        case .noFencing: Unfenced(plane: plane, world: self)
        case .noSealCheck: Unsealed(plane: plane, world: self)
        case .finishNotRepeatable: FinishingOnce(plane: plane, world: self)
        }
    }
}

extension World {
    /// Sends a chunk that was acknowledged already.
    func writeBehind(_ chunk: LogChunk, to attempt: AttemptReference, from node: Node) {
        let late = scheduler.spawn(on: node) { [self] in
            do throws(ControlPlaneError) {
                _ = try await call(
                    "append", from: node, patience: 10_000, unavailable: { ControlPlaneError.unavailable($0) }
                ) { services in
                    do throws(ControlPlaneError) {
                        return .success(try await services.controlPlane.append(chunk, to: attempt))
                    } catch { return .failure(error) }
                }
            } catch { scheduler.note("lines that were acknowledged are lost") }
        }
        bury([late])
    }
}

/// Passes everything on, but for what a mistake changes.
private protocol PassingControlPlane: ControlPlane {
    var plane: LocalControlPlane { get }
}

extension PassingControlPlane {
    func register(_ registration: WorkerRegistration) async throws(ControlPlaneError) {
        try await plane.register(registration)
    }

    func claim(_ request: ClaimRequest) async throws(ControlPlaneError) -> [Assignment] {
        try await plane.claim(request)
    }

    func renew(_ request: RenewRequest) async throws(ControlPlaneError) -> [AttemptID: LeaseAnswer] {
        try await plane.renew(request)
    }

    func report(_ progress: AttemptProgress, of attempt: AttemptReference) async throws(ControlPlaneError) {
        try await plane.report(progress, of: attempt)
    }

    func append(_ chunk: LogChunk, to attempt: AttemptReference) async throws(ControlPlaneError) -> LogExtent {
        try await plane.append(chunk, to: attempt)
    }
}

/// Writes go to whatever attempt of the job is live, as in systems where a worker names the job alone.
private struct Unfenced: PassingControlPlane {
    let plane: LocalControlPlane
    let world: World

    func append(_ chunk: LogChunk, to attempt: AttemptReference) async throws(ControlPlaneError) -> LogExtent {
        try await plane.append(chunk, to: await live(attempt))
    }

    func finish(
        _ attempt: AttemptReference, progress: AttemptProgress, end: AttemptEnd
    ) async throws(ControlPlaneError) {
        try await plane.finish(await live(attempt), progress: progress, end: end)
    }

    private func live(_ attempt: AttemptReference) async -> AttemptReference {
        let job = try? await world.store.build(attempt.build).jobs.first { $0.id == attempt.job }
        var target = attempt
        if let live = job?.liveAttempt { target.attempt = live.id }
        return target
    }
}

/// Believes that the log is whole without looking.
private struct Unsealed: PassingControlPlane {
    let plane: LocalControlPlane
    let world: World

    func finish(
        _ attempt: AttemptReference, progress: AttemptProgress, end: AttemptEnd
    ) async throws(ControlPlaneError) {
        var end = end
        end.seal = world.checker.sealOfStored(attempt.attempt)
        try await plane.finish(attempt, progress: progress, end: end)
    }
}

/// Takes the repetition of an end for somebody else's.
private struct FinishingOnce: PassingControlPlane {
    let plane: LocalControlPlane
    let world: World

    func finish(
        _ attempt: AttemptReference, progress: AttemptProgress, end: AttemptEnd
    ) async throws(ControlPlaneError) {
        if world.checker.hasEnded(attempt) { throw .stale }
        try await plane.finish(attempt, progress: progress, end: end)
    }
}
