import BuildDomain
import Logging
import Orchestration

/// Executes one attempt from its assignment to its accepted end, and leaves nothing behind.
struct AttemptExecution: Sendable {
    let assignment: Assignment
    let settings: WorkerSettings
    let ports: WorkerPorts
    let stopOrder: StopOrder
    let logger: Logger

    private var attempt: AttemptReference { assignment.reference }

    func run() async {
        let folder: AttemptFolder
        do { folder = try await ports.disk.prepare(attempt.attempt) } catch {
            logger.error("no workspace could be made", metadata: ["error": "\(error.message)"])
            await finishWithoutLog(reason: error.isFull ? .diskFull : .config, error: error.message)
            return
        }
        await work(in: folder)
        do { try await ports.disk.remove(attempt.attempt) } catch {
            logger.warning("the workspace was not removed completely", metadata: ["error": "\(error.message)"])
        }
    }

    private func work(in folder: AttemptFolder) async {
        let stopOrder = stopOrder
        let pipe = LogPipe(
            spool: folder.spool, timekeeper: ports.surroundings.timekeeper, limits: settings.logLimits
        ) { failure in
            // Going on without a log would only waste the time until somebody asks what happened.
            stopOrder.stop(.diskFull(failure.message))
        }
        let progress = ProgressReporter(steps: assignment.job.steps, timekeeper: ports.surroundings.timekeeper)
        let persist = Persistence(surroundings: ports.surroundings, limit: settings.outageLimit)
        let shipper = LogShipper(
            pipe: pipe, attempt: attempt, controlPlane: ports.controlPlane, persist: persist,
            isGivenUp: { stopOrder.cause == .stale })
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await report(progress) }
            group.addTask { await watchTime() }
            group.addTask { await watchOutput(of: pipe) }
            let shipping = Task { await ship(shipper) }
            let end = await execute(in: folder, pipe, progress)
            group.cancelAll()
            await finish(end, shipping, progress: progress.current, persist)
        }
    }

    private func execute(in folder: AttemptFolder, _ pipe: LogPipe, _ progress: ProgressReporter) async -> AttemptEnd {
        let steps = StepRunner(
            assignment: assignment, settings: settings, ports: ports, folder: folder, pipe: pipe, progress: progress,
            stopOrder: stopOrder)
        var result: Result<Int?, StepRunner.Failure>
        do {
            let execution = try await ports.runner.begin(attempt: attempt.attempt)
            stopOrder.attach(execution)
            do { result = .success(try await steps.run(in: execution)) } catch { result = .failure(error) }
            tell(await execution.close(), in: pipe)
        } catch {
            pipe.say("the environment could not be made: \(error)")
            result = .failure(StepRunner.Failure(reason: .config, error: "the environment could not be made: \(error)"))
        }
        progress.skipRest()
        if let note = stopOrder.cause.flatMap({ note(on: $0) }) { pipe.say(note) }
        let seal = pipe.seal()
        return AttemptJudgement(cause: stopOrder.cause, spoolFailure: pipe.failure).end(of: result, seal: seal)
    }

    /// Whoever reads the log should not look for output that is not there.
    private func tell(_ leftovers: Leftovers, in pipe: LogPipe) {
        if leftovers.supervisorWasLost {
            var line = "the supervisor of the command was killed; ended what it had (processes: \(leftovers.killed)"
            if !leftovers.killedNames.isEmpty { line += ": " + leftovers.killedNames.joined(separator: ", ") }
            pipe.say(line + ")")
            logger.warning("the supervisor of the attempt was killed", metadata: ["processes": "\(leftovers.killed)"])
        } else if leftovers.killed > 0 {
            pipe.say("killed what the job left running in the background (processes: \(leftovers.killed))")
        }
        if leftovers.droppedBytes > 0 {
            pipe.say(
                "\(leftovers.droppedBytes) bytes are missing here: background processes printed them after their "
                    + "command had ended")
        }
        guard !leftovers.survivors.isEmpty else { return }
        let list = leftovers.survivors.map { "\($0)" }.joined(separator: ", ")
        pipe.say("left behind on the worker, as they could not be killed: processes \(list)")
        logger.warning("processes of the attempt could not be killed", metadata: ["processes": "\(list)"])
    }

    private func note(on cause: StopCause) -> String? {
        switch cause {
        case .canceled: "canceled"
        case .timeout(let limit): "stopped: \(limit.sentence)"
        case .diskFull(let message): "stopped: \(message)"
        case .stale: nil
        }
    }

    /// Leaves the rest to the server's patience where it does not succeed: the attempt's lease runs out then.
    private func finish(
        _ end: AttemptEnd, _ shipping: Task<Void, Never>, progress: AttemptProgress, _ persist: Persistence
    ) async {
        if stopOrder.cause == .stale { shipping.cancel() }
        await shipping.value
        guard stopOrder.cause != .stale else {
            logger.warning("the attempt was given up by the control plane; its work was stopped")
            return
        }
        do {
            try await persist { () async throws(ControlPlaneError) in
                try await ports.controlPlane.finish(attempt, progress: progress, end: end)
            }
        } catch {
            logger.error("the attempt's end was not accepted", metadata: ["error": "\(error)"])
        }
    }

    private func finishWithoutLog(reason: Reason, error: String) async {
        let progress = ProgressReporter(steps: assignment.job.steps, timekeeper: ports.surroundings.timekeeper)
        progress.skipRest()
        let end = AttemptEnd(outcome: .failed, reason: reason, error: error, seal: .empty)
        let persist = Persistence(surroundings: ports.surroundings, limit: settings.outageLimit)
        let done = Task {}
        await finish(end, done, progress: progress.current, persist)
    }

    private func ship(_ shipper: LogShipper) async {
        do { try await shipper.run() } catch {
            if Task.isCancelled { return }
            logger.error("the log cannot be delivered", metadata: ["error": "\(error)"])
            stopOrder.stop(.stale)
        }
    }

    private func report(_ progress: ProgressReporter) async {
        await progress.run(delay: settings.reportDelay) { current in
            guard stopOrder.cause != .stale else { return }
            do throws(ControlPlaneError) { try await ports.controlPlane.report(current, of: attempt) } catch {
                if error == .stale { stopOrder.stop(.stale) }
            }
        }
    }

    private func watchTime() async {
        let limit = assignment.job.timeoutSeconds
        do { try await ports.surroundings.timekeeper.sleep(for: .seconds(limit)) } catch { return }
        stopOrder.stop(.timeout(.job(limit)))
    }

    private func watchOutput(of pipe: LogPipe) async {
        guard let limit = assignment.job.rules.noOutputTimeoutSeconds else { return }
        let timekeeper = ports.surroundings.timekeeper
        while true {
            let left = pipe.lastOutput + .seconds(limit) - timekeeper.now
            guard left > .zero else { return stopOrder.stop(.timeout(.output(limit))) }
            do { try await timekeeper.sleep(for: left) } catch { return }
        }
    }
}

extension DiskError {
    var isFull: Bool {
        if case .full = self { true } else { false }
    }
}
