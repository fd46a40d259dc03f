import BuildDomain

/// The control plane for workers in the same process, and what the HTTP routes for workers call.
public struct LocalControlPlane: ControlPlane {
    private let registerWorker: RegisterWorker
    private let claimJobs: ClaimJobs
    private let renewLeases: RenewLeases
    private let reportProgress: ReportProgress
    private let appendLog: AppendLog
    private let finishAttempt: FinishAttempt

    public init(
        registerWorker: RegisterWorker, claimJobs: ClaimJobs, renewLeases: RenewLeases, reportProgress: ReportProgress,
        appendLog: AppendLog, finishAttempt: FinishAttempt
    ) {
        self.registerWorker = registerWorker
        self.claimJobs = claimJobs
        self.renewLeases = renewLeases
        self.reportProgress = reportProgress
        self.appendLog = appendLog
        self.finishAttempt = finishAttempt
    }

    public func register(_ registration: WorkerRegistration) async throws(ControlPlaneError) {
        do { try await registerWorker(registration) } catch { throw ControlPlaneError(error) }
    }

    public func claim(_ request: ClaimRequest) async throws(ControlPlaneError) -> [Assignment] {
        do { return try await claimJobs(request) } catch { throw ControlPlaneError(error) }
    }

    public func renew(_ request: RenewRequest) async throws(ControlPlaneError) -> [AttemptID: LeaseAnswer] {
        do { return try await renewLeases(request) } catch { throw ControlPlaneError(error) }
    }

    public func report(
        _ progress: AttemptProgress, of attempt: AttemptReference
    ) async throws(ControlPlaneError) {
        do { try await reportProgress(progress, of: attempt) } catch { throw ControlPlaneError(error) }
    }

    public func append(_ chunk: LogChunk, to attempt: AttemptReference) async throws(ControlPlaneError) -> LogExtent {
        do { return try await appendLog(chunk, to: attempt.attempt) } catch { throw ControlPlaneError(error) }
    }

    public func finish(
        _ attempt: AttemptReference, progress: AttemptProgress, end: AttemptEnd
    ) async throws(ControlPlaneError) {
        do { try await finishAttempt(attempt, progress: progress, end: end) } catch { throw ControlPlaneError(error) }
    }
}

extension ControlPlaneError {
    /// What a store's answer means to a worker.
    public init(_ error: StoreError) {
        switch error {
        case .refused(.staleAttempt), .notFound: self = .stale
        case .refused(.logGap(let stored)), .refused(.logNotSealed(let stored)): self = .resume(stored: stored)
        case .refused(let refusal): self = .rejected("\(refusal)")
        case .unavailable(let message), .outcomeUnknown(let message): self = .unavailable(message)
        case .broken(let message): self = .unavailable("the store failed: \(message)")
        }
    }
}
