import BuildDomain
import Orchestration

/// Executes the steps of a job in their order, until one does not succeed.
struct StepRunner {
    let assignment: Assignment
    let settings: WorkerSettings
    let ports: WorkerPorts
    let folder: AttemptFolder
    let pipe: LogPipe
    let progress: ProgressReporter
    let stopOrder: StopOrder

    /// How the steps went, before it is known why they may have been stopped.
    struct Failure: Error {
        var reason: Reason
        var status: ExitStatus?
        var error: String?
    }

    /// - Returns: the last command's exit code.
    func run(in execution: any Execution) async throws(Failure) -> Int? {
        var exitCode: Int?
        for (index, step) in assignment.job.steps.enumerated() {
            guard stopOrder.cause == nil else { throw Failure(reason: .canceled) }
            progress.began(index)
            let sink = pipe.sink(step: index + 1)
            let watch = watchTime()
            defer { watch?.cancel() }
            do {
                switch step {
                case .checkout: try await checkout(in: execution, sink)
                case .run(let command): exitCode = try await run(command, in: execution, sink)
                }
                pipe.endProgram()
                progress.ended(index, .success, exitCode: exitCode)
            } catch {
                pipe.endProgram()
                let outcome: StepOutcome = stopOrder.cause == .canceled ? .canceled : .failed
                progress.ended(index, outcome, exitCode: error.status?.code)
                throw error
            }
        }
        return exitCode
    }

    /// Stops the attempt when the step that begins now takes too long.
    private func watchTime() -> Task<Void, Never>? {
        guard let limit = assignment.job.rules.stepTimeoutSeconds else { return nil }
        return Task { [stopOrder, timekeeper = ports.surroundings.timekeeper] in
            do { try await timekeeper.sleep(for: .seconds(limit)) } catch { return }
            stopOrder.stop(.timeout(.step(limit)))
        }
    }

    private func checkout(in execution: any Execution, _ sink: any OutputSink) async throws(Failure) {
        if assignment.repository.isLocal, !settings.allowsLocalRepositories {
            let error =
                "worker \(settings.name) does not build local repositories; "
                + "start it with --allow-local-repositories if it should"
            pipe.say(error)
            throw Failure(reason: .refused, error: error)
        }
        let request = CheckoutRequest(
            repository: assignment.repository, ref: assignment.ref, commit: assignment.commit,
            workspace: folder.workspace)
        let source = ports.source
        let result = await stopOrder.cancelling { () async -> Result<CommitSHA, CheckoutError> in
            do throws(CheckoutError) {
                return .success(try await source.checkout(request, in: execution, output: sink))
            } catch { return .failure(error) }
        }
        do throws(CheckoutError) { progress.checkedOut(try result.get()) } catch {
            pipe.say(error.message)
            throw Failure(reason: .checkout, error: error.message)
        }
    }

    private func run(
        _ command: String, in execution: any Execution, _ sink: any OutputSink
    ) async throws(Failure) -> Int {
        let environment = JobEnvironment(assignment: assignment, folder: folder, settings: settings)
        let shell = Command(
            arguments: ["/bin/sh", "-e", "-c", command],
            environment: environment.variables(commit: progress.current.commit), directory: folder.workspace)
        let status: ExitStatus
        do {
            status = try await execution.run(shell, output: sink)
        } catch .stopped {
            throw Failure(reason: .canceled)
        } catch .supervisorLost {
            // It had started, and whatever the cause, the build had its part in it.
            throw Failure(reason: .script, error: RunnerError.supervisorLostSentence)
        } catch {
            let message = "the command could not be started: \(error)"
            pipe.say(message)
            throw Failure(reason: .config, error: message)
        }
        guard status.isSuccess else { throw Failure(reason: .script, status: status, error: status.sentence) }
        return 0
    }
}

extension ExitStatus {
    /// The code a shell would show: 128 and the signal's number for a signal.
    var code: Int {
        switch self {
        case .exited(let code): code
        case .signaled(let signal): 128 + signal
        }
    }

    var signal: Int? {
        if case .signaled(let signal) = self { signal } else { nil }
    }

    fileprivate var sentence: String? {
        if case .signaled(let signal) = self { "the command was ended by signal \(signal)" } else { nil }
    }
}
