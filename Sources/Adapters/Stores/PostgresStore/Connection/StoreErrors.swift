import Orchestration

extension StoreError {
    /// What an error of this layer means to the caller: come back later, or something is wrong with the data.
    init(postgres error: any Error) {
        switch error {
        case let error as StoreError: self = error
        case PostgresError.commitOutcomeUnknown(let why): self = .outcomeUnknown(why)
        case let error as PostgresError:
            self = error.isForLater ? .unavailable(error.description) : .broken(error.description)
        case is CancellationError: self = .unavailable("the call was cancelled")
        default: self = .broken("\(error)")
        }
    }
}

extension PostgresError {
    /// Nothing is wrong with what was asked: the server cannot do it now.
    fileprivate var isForLater: Bool {
        if isTransient || isConnectionLoss { return true }
        switch self {
        case .closed: return true
        // 25006: the server is a standby, as after a failover.
        case .server(let report): return ["25006", "55P03", "58030"].contains(report.sqlState)
        default: return false
        }
    }
}
