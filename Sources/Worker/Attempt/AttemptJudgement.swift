import BuildDomain
import Orchestration

/// Decides how an attempt ended from how its steps went and why it may have been stopped. The system decides; a script
/// can only end.
struct AttemptJudgement {
    let cause: StopCause?
    let spoolFailure: DiskError?

    func end(of result: Result<Int?, StepRunner.Failure>, seal: LogSeal) -> AttemptEnd {
        if let spoolFailure {
            let reason: Reason = spoolFailure.isFull ? .diskFull : .config
            return AttemptEnd(outcome: .failed, reason: reason, error: spoolFailure.message, seal: seal)
        }
        switch result {
        case .success(let code):
            // Where there was a cause to stop, the work was done before the stop reached it.
            return AttemptEnd(outcome: .success, exitCode: code, seal: seal)
        case .failure(let failure):
            if let cause { return stopped(by: cause, status: failure.status, seal: seal) }
            return AttemptEnd(
                outcome: .failed, reason: failure.reason, exitCode: failure.status?.code,
                signal: failure.status?.signal, error: failure.error, seal: seal)
        }
    }

    private func stopped(by cause: StopCause, status: ExitStatus?, seal: LogSeal) -> AttemptEnd {
        var end = AttemptEnd(
            outcome: .failed, exitCode: status?.code, signal: status?.signal, seal: seal)
        switch cause {
        case .canceled, .stale:
            end.outcome = .canceled
            end.reason = .canceled
        case .timeout(let limit):
            end.reason = limit.reason
            end.error = limit.sentence
        case .diskFull(let message):
            end.reason = .diskFull
            end.error = message
        }
        return end
    }
}
