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
    let supervisor: pid_t
    private let lastWords: LastWords
    private let life = Mutex(Life.open)

    init(control: ControlSocket, supervisor: pid_t, lastWords: LastWords) {
        self.control = control
        self.supervisor = supervisor
        self.lastWords = lastWords
    }

    deinit {
        // Closed by its owner in all but broken code; what it ran must not live on even then.
        guard case .open = life.withLock({ $0 }) else { return }
        control.hangUp()
        let supervisor = supervisor
        startThread(named: "mini-ci-reap") { reap(supervisor) }
    }

    func run(_ command: Command, output: any OutputSink) async throws(RunnerError) -> ExitStatus {
        let request = try RunRequest(command)
        guard case .open = life.withLock({ $0 }) else { throw .closed }
        let control = control
        let result: Result<ExitStatus, RunnerError> = await withCheckedContinuation { continuation in
            // A thread of its own: it waits for the program, and the cooperative pool has one thread per core.
            let cause = startThread(named: "mini-ci-output") {
                continuation.resume(returning: ProgramRun.perform(request, through: control, output: output))
            }
            if cause != 0 {
                let text = "no thread for its output: \(describe(cause))"
                continuation.resume(returning: .failure(.cannotStart(program: request.program, cause: text)))
            }
        }
        return try result.get()
    }

    func stop(grace: Duration) { order { $0.send(stopWithin: grace) } }

    func interrupt(grace: Duration) { order { $0.send(interruptWithin: grace) } }

    private func order(_ send: (ControlSocket) -> Void) {
        life.withLock { life in
            guard case .open = life else { return }
            wakeSupervisor()
            send(control)
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
                        wakeSupervisor()
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
        let cause = startThread(named: "mini-ci-reap") {
            reap(self.supervisor)
            self.finishClosing()
        }
        guard cause != 0 else { return }
        // Without a thread to wait on, this one waits: late is better than never.
        reap(supervisor)
        finishClosing()
    }

    private func finishClosing() {
        let leftovers = lastWords.leftovers
        let waiting: [CheckedContinuation<Leftovers, Never>] = life.withLock { life in
            guard case .closing(let waiting) = life else { return [] }
            life = .closed(leftovers)
            return waiting
        }
        for continuation in waiting { continuation.resume(returning: leftovers) }
    }

    /// A build may have stopped its supervisor (SIGSTOP) by accident or design; it must take orders again.
    /// Only before it has been reaped, when its number is certainly its own.
    private func wakeSupervisor() {
        kill(supervisor, SIGCONT)
    }
}

/// Waits until a child has ended, and takes it out of the process table.
private func reap(_ child: pid_t) {
    var status: Int32 = 0
    while waitpid(child, &status, 0) < 0 && errno == EINTR {}
}
