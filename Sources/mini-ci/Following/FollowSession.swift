import APIClient
import APISchema
import BuildDomain
import Foundation
import Orchestration
import Synchronization

/// Follows a submitted build to its end, and lets the person at the terminal cancel it.
struct FollowSession: Sendable {
    /// How long a server may be away before following ends.
    static let patience = Duration.seconds(600)

    let client: APIClient
    let build: BuildID
    let printer: LogPrinter
    /// Lines after this one are shown; `nil` for all, from the first attempt on.
    var position: LogPosition?

    /// Returns when the build succeeded.
    /// - Throws: ``CommandFailure`` with the exit status for every other end.
    func run() async throws {
        let cancellation = Cancellation()
        let last = try await withThrowingTaskGroup(of: BuildView?.self) { tasks in
            tasks.addTask { try await follow() }
            tasks.addTask {
                try await obeyInterrupts(cancellation)
                return nil
            }
            defer { tasks.cancelAll() }
            while let ended = try await tasks.next() {
                if let ended { return ended }
            }
            throw CancellationError()
        }
        if printer.isJSON { try JSONOutput.line(last) }
        report(last)
        if cancellation.wasAsked.load(ordering: .relaxed) { throw CommandFailure(ending: .interrupted) }
        if last.status != .success { throw CommandFailure(ending: .buildFailed) }
    }

    private func follow() async throws -> BuildView? {
        var printer = printer
        // From the first attempt on: it may have ended before the connection is there.
        for try await news in client.follow(build, after: position, from: .first, patience: Self.patience) {
            switch news {
            case .line(let line): try printer.show(line)
            case .state(let build): showProgress(build)
            case .end(let build): return build
            case .reconnecting(let cause, _): printer.showLoss(cause)
            }
        }
        return nil
    }

    private func showProgress(_ build: BuildView) {
        guard Terminal.current.showsErrors, build.status == .pending else { return }
        Output.note("waiting for a worker")
    }

    private func report(_ build: BuildView) {
        let time = took(from: build.startedAt ?? build.createdAt, to: build.finishedAt)
        let word =
            switch build.status {
            case .success: "succeeded"
            case .failed: "failed"
            case .canceled: "was canceled"
            case .pending, .running: "is \(build.status)"
            }
        let why = build.status == .success || build.explanation.isEmpty ? "" : ": \(build.explanation)"
        let terminal = Terminal.current
        let shown = build.style(word, if: terminal.showsErrors && terminal.usesColor)
        Output.note("build \(build.id) \(shown) after \(time)\(why)")
    }

    private func obeyInterrupts(_ cancellation: Cancellation) async throws {
        var policy = InterruptPolicy(canAsk: Terminal.current.canAsk)
        for await signal in Signals.stream(of: [SIGINT, SIGQUIT]) {
            switch policy.next(signal == SIGINT ? .interrupt : .quit) {
            case .ask:
                Output.error("")
                Output.note(
                    "cancel the build? Ctrl-C again cancels it; leave it, and it goes on. Ctrl-\\ stops following")
            case .cancel:
                if Terminal.current.canAsk { Output.error("") }
                await cancel(cancellation)
            case .leave:
                Output.error("")
                Output.note("not following any more; go on with: mini-ci logs -f \(build.short)")
                throw CommandFailure(ending: .interrupted)
            }
        }
    }

    private func cancel(_ cancellation: Cancellation) async {
        cancellation.wasAsked.store(true, ordering: .relaxed)
        do {
            try await client.cancel(build)
            Output.note("canceling; its log goes on to its end")
        } catch {
            // 409: it ended in the meantime, and the end is on its way.
            guard error.status != 409 else { return }
            Output.note("could not cancel: \(error)")
        }
    }
}

/// Whether somebody asked for the end of the build.
private final class Cancellation: Sendable {
    let wasAsked = Atomic(false)
}
