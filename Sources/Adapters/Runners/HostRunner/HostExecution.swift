import Glibc
import Orchestration
import Synchronization

/// The environment of one attempt on this machine: the worker's side of one supervisor.
final class HostExecution: Execution {
    private enum Life {
        case open
        case closing(waiting: [CheckedContinuation<Leftovers, Never>])
        case closed(Leftovers)
    }

    private let control: ControlSocket
    let supervisor: Supervisor
    private let life = Mutex(Life.open)
    private let runs = Mutex(Runs())

    /// The programs that run now, by the number of their run: one at a time, and those that are about to be refused.
    private struct Runs {
        var begun = 0
        var current: Set<Int> = []
    }

    init(control: ControlSocket, supervisor: Supervisor) {
        self.control = control
        self.supervisor = supervisor
    }

    deinit {
        // Closed by its owner in all but broken code; what it ran must not live on even then.
        guard case .open = life.withLock({ $0 }) else { return }
        control.hangUp()
        let supervisor = supervisor
        startThread(named: "mini-ci-reap") { _ = supervisor.end() }
    }

    func run(_ command: Command, output: any OutputSink) async throws(RunnerError) -> ExitStatus {
        let request = try RunRequest(command)
        guard case .open = life.withLock({ $0 }) else { throw .closed }
        let number = runs.withLock { runs in
            runs.begun += 1
            runs.current.insert(runs.begun)
            return runs.begun
        }
        defer { _ = runs.withLock { $0.current.remove(number) } }
        let control = control
        let result: Result<ExitStatus, RunnerError> = await withCheckedContinuation { continuation in
            // A thread of its own: it waits for the program, and the cooperative pool has one thread per core.
            let cause = startThread(named: "mini-ci-output") {
                let result = ProgramRun.perform(request, through: control, output: output)
                continuation.resume(returning: self.explain(result))
            }
            if cause != 0 {
                let text = "no thread for its output: \(describe(cause))"
                continuation.resume(returning: .failure(.cannotStart(program: request.program, cause: text)))
            }
        }
        return try result.get()
    }

    /// Whether the supervisor is gone because it was told to, or because somebody killed it.
    private func explain(_ result: Result<ExitStatus, RunnerError>) -> Result<ExitStatus, RunnerError> {
        guard result == .failure(.closed), !control.isHungUp else { return result }
        return supervisor.wasKilled(while: { isOpen }) ? .failure(.supervisorLost) : result
    }

    private var isOpen: Bool {
        if case .open = life.withLock({ $0 }) { true } else { false }
    }

    func stop(grace: Duration) { order(grace) { $0.send(stopWithin: grace) } }

    func interrupt(grace: Duration) { order(grace) { $0.send(interruptWithin: grace) } }

    private func order(_ grace: Duration, _ send: (ControlSocket) -> Void) {
        life.withLock { life in
            guard case .open = life else { return }
            supervisor.wake()
            send(control)
        }
        let concerned = runs.withLock { $0.current }
        guard !concerned.isEmpty else { return }
        let limit = min(grace, .seconds(UInt32.max)) + supervisor.limits.kill + supervisor.limits.answer
        Task { [weak self] in
            try? await Task.sleep(for: limit)
            self?.insist(on: concerned)
        }
    }

    /// What was to be ended runs on: the supervisor does not obey. Without it, its end comes.
    private func insist(on concerned: Set<Int>) {
        guard !runs.withLock({ $0.current.isDisjoint(with: concerned) }) else { return }
        life.withLock { life in
            guard case .open = life else { return }
            supervisor.kill()
        }
    }

    @discardableResult
    func close() async -> Leftovers {
        await withCheckedContinuation { (continuation: CheckedContinuation<Leftovers, Never>) in
            let before = life.withLock { life in
                defer {
                    switch life {
                    case .open:
                        life = .closing(waiting: [continuation])
                        supervisor.wake()
                    case .closing(let waiting): life = .closing(waiting: waiting + [continuation])
                    case .closed: break
                    }
                }
                return life
            }
            switch before {
            case .open: endSupervisor()
            case .closing: break
            case .closed(let leftovers): continuation.resume(returning: leftovers)
            }
        }
    }

    private func endSupervisor() {
        control.hangUp()
        let cause = startThread(named: "mini-ci-reap") { self.finishClosing() }
        // Without a thread to wait on, this one waits: late is better than never.
        if cause != 0 { finishClosing() }
    }

    private func finishClosing() {
        let leftovers = supervisor.end()
        let waiting: [CheckedContinuation<Leftovers, Never>] = life.withLock { life in
            guard case .closing(let waiting) = life else { return [] }
            life = .closed(leftovers)
            return waiting
        }
        for continuation in waiting { continuation.resume(returning: leftovers) }
    }
}
