import BuildDomain
import Orchestration

/// One call over the wire; answered once, by whatever comes first: the answer, a broken connection, the caller's
/// patience.
///
/// `@unchecked Sendable`: only the one thread that runs the simulation ever touches it.
class Call: @unchecked Sendable {
    private let scheduler: Scheduler

    init(scheduler: Scheduler) { self.scheduler = scheduler }

    /// The connection broke.
    func cut(after milliseconds: Int64) {
        scheduler.after(milliseconds) { [self] in fail("the connection was cut") }
    }

    func fail(_ message: String) {}
}

/// `@unchecked Sendable`: only the one thread that runs the simulation ever touches it.
private final class AnsweredCall<Answer: Sendable, Failure: Error>: Call, @unchecked Sendable {
    typealias Outcome = Result<Answer, Failure>

    private let unavailable: (String) -> Failure
    private var waiter: UnsafeContinuation<Outcome, Never>?
    private var outcome: Outcome?
    /// What the server does for it.
    var work: [Task<Void, Never>] = []

    init(scheduler: Scheduler, unavailable: @escaping (String) -> Failure) {
        self.unavailable = unavailable
        super.init(scheduler: scheduler)
    }

    func wait(_ continuation: UnsafeContinuation<Outcome, Never>) {
        if let outcome { continuation.resume(returning: outcome) } else { waiter = continuation }
    }

    func answer(_ outcome: Outcome) {
        guard self.outcome == nil else { return }
        self.outcome = outcome
        waiter?.resume(returning: outcome)
        waiter = nil
    }

    override func fail(_ message: String) { answer(.failure(unavailable(message))) }
}

extension World {
    /// Sends a request to whichever server it reaches and waits for the answer.
    /// - Parameters:
    ///   - patience: milliseconds until the caller gives up.
    ///   - unavailable: what a broken wire means to the caller.
    ///   - body: what the server does.
    func call<Answer: Sendable, Failure: Error>(
        _ name: String, from node: Node, patience: Int64, unavailable: @escaping (String) -> Failure,
        _ body: @escaping @Sendable (Services) async -> Result<Answer, Failure>
    ) async throws(Failure) -> Answer {
        let call = AnsweredCall<Answer, Failure>(scheduler: scheduler, unavailable: unavailable)
        guard !scheduler.isOver else { throw unavailable("all is over") }
        scheduler.after(patience) { call.fail("no answer in time") }
        let copies = strikes(.network, plan.duplicate) ? 2 : 1
        for _ in 0..<copies { send(name, call, from: node, body) }
        let outcome = await withTaskCancellationHandler {
            await withUnsafeContinuation { call.wait($0) }
        } onCancel: {
            call.fail("canceled")
            // The server notices a closed connection, but not always before it has done the work.
            for task in call.work where scheduler.isOver || scheduler.random.chance(0.5) { task.cancel() }
        }
        return try outcome.get()
    }

    private func send<Answer: Sendable, Failure: Error>(
        _ name: String, _ call: AnsweredCall<Answer, Failure>, from node: Node,
        _ body: @escaping @Sendable (Services) async -> Result<Answer, Failure>
    ) {
        guard let server = server(), !strikes(.network, plan.requestLost) else {
            scheduler.note("\(node.name) \(name) is lost")
            return
        }
        let offset = node.clockOffset
        scheduler.after(latency()) { [self] in
            guard !scheduler.isOver, let process = server.process else { return call.cut(after: latency()) }
            scheduler.note("\(node.name) \(name) reaches \(server.name)")
            process.calls.append(call)
            let work = scheduler.spawn(on: process.node) { [self] in
                let outcome = await Caller.$clockOffset.withValue(offset) { await body(process.services) }
                process.calls.removeAll { $0 === call }
                guard !strikes(.network, plan.answerLost) else { return scheduler.note("\(name)'s answer is lost") }
                scheduler.after(latency()) { call.answer(outcome) }
            }
            call.work.append(work)
            process.tasks.append(work)
        }
    }

    func latency() -> Int64 {
        strikes(.network, plan.delay)
            ? Int64(scheduler.random.pick(100...30_000)) : Int64(scheduler.random.pick(0...4))
    }
}

/// The control plane as a worker reaches it.
struct SimulatedNetwork: ControlPlane {
    let world: World
    let node: Node

    func register(_ registration: WorkerRegistration) async throws(ControlPlaneError) {
        try await ask("register") { (plane) async throws(ControlPlaneError) in try await plane.register(registration) }
    }

    func claim(_ request: ClaimRequest) async throws(ControlPlaneError) -> [Assignment] {
        try await ask("claim", wait: request.waitMilliseconds) { (plane) async throws(ControlPlaneError) in
            try await plane.claim(request)
        }
    }

    func renew(_ request: RenewRequest) async throws(ControlPlaneError) -> [AttemptID: LeaseAnswer] {
        try await ask("renew", wait: request.waitMilliseconds) { (plane) async throws(ControlPlaneError) in
            try await plane.renew(request)
        }
    }

    func report(_ progress: AttemptProgress, of attempt: AttemptReference) async throws(ControlPlaneError) {
        try await ask("report") { (plane) async throws(ControlPlaneError) in
            try await plane.report(progress, of: attempt)
        }
    }

    func append(_ chunk: LogChunk, to attempt: AttemptReference) async throws(ControlPlaneError) -> LogExtent {
        if world.settings.bug == .noSealCheck {
            // Somebody on the way says yes at once and passes it on later, if nothing happens to it.
            world.writeBehind(chunk, to: attempt, from: node)
            return chunk.end
        }
        return try await ask("append") { (plane) async throws(ControlPlaneError) in
            try await plane.append(chunk, to: attempt)
        }
    }

    func finish(
        _ attempt: AttemptReference, progress: AttemptProgress, end: AttemptEnd
    ) async throws(ControlPlaneError) {
        do throws(ControlPlaneError) {
            try await ask("finish") { (plane) async throws(ControlPlaneError) in
                try await plane.finish(attempt, progress: progress, end: end)
            }
        } catch {
            if error == .stale { world.checker.refused(end, of: attempt) }
            throw error
        }
        world.checker.acknowledged(end, of: attempt)
    }

    private func ask<Answer: Sendable>(
        _ name: String, wait: Int64 = 0,
        _ body: @escaping @Sendable (any ControlPlane) async throws(ControlPlaneError) -> Answer
    ) async throws(ControlPlaneError) -> Answer {
        try await world.call(
            name, from: node, patience: wait + 10_000, unavailable: { ControlPlaneError.unavailable($0) }
        ) { [world] services in
            let plane = world.planted(services.controlPlane)
            do throws(ControlPlaneError) { return .success(try await body(plane)) } catch { return .failure(error) }
        }
    }
}
