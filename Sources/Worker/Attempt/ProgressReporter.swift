import BuildDomain
import Orchestration
import Synchronization

/// Keeps the picture of how far an attempt is, and reports it now and then; a job that is over quickly says it all with
/// its end.
final class ProgressReporter: Sendable {
    private let progress: Mutex<AttemptProgress>
    private let news = Doorbell()
    private let timekeeper: any Timekeeper

    init(steps: [StepSpec], timekeeper: any Timekeeper) {
        progress = Mutex(AttemptProgress(commit: nil, steps: steps.map { Step(name: $0.name) }))
        self.timekeeper = timekeeper
    }

    var current: AttemptProgress { progress.withLock { $0 } }

    func checkedOut(_ commit: CommitSHA) {
        progress.withLock { $0.commit = commit }
        news.ring()
    }

    func began(_ index: Int) {
        let now = timekeeper.now
        progress.withLock { $0.steps[index].startedAt = now }
        news.ring()
    }

    func ended(_ index: Int, _ outcome: StepOutcome, exitCode: Int?) {
        let now = timekeeper.now
        progress.withLock { progress in
            progress.steps[index].finishedAt = now
            progress.steps[index].outcome = outcome
            progress.steps[index].conclusion = outcome
            progress.steps[index].exitCode = exitCode
        }
        news.ring()
    }

    /// Steps that never began are skipped.
    func skipRest() {
        progress.withLock { progress in
            for index in progress.steps.indices where progress.steps[index].outcome == nil {
                progress.steps[index].outcome = .skipped
                progress.steps[index].conclusion = .skipped
            }
        }
    }

    /// Reports until cancelled. A report that does not arrive is no loss: the next one tells the same and more.
    func run(delay: Duration, _ report: (AttemptProgress) async -> Void) async {
        while !Task.isCancelled {
            await news.wait()
            do { try await timekeeper.sleep(for: delay) } catch { return }
            await report(current)
        }
    }
}
