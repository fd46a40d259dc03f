import BuildDomain
import Foundation
import GitSource
import Glibc
import HostRunner
import Orchestration
import Synchronization
import TestSupport
import Testing

@Suite("A checkout that is stopped", .timeLimit(.minutes(1)))
struct StoppingTests {
    /// The default patience with the lock is twenty minutes: only the stop can end this in time.
    @Test func doesNotWaitForTheLock() async throws {
        let scratch = try await Scratch()
        try await scratch.sh("mkdir -p state/mirrors")
        let path = scratch.mirror + ".lock"
        let held = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        defer { close(held) }
        #expect(flock(held, LOCK_EX) == 0)
        let log = Log()
        let checkout = Task { try await scratch.checkout("main", log: log) }
        try await eventually("it waits for the lock") { openFiles(path) == 2 }
        #expect(log.text.isEmpty)
        try await eventually("it says what it waits for") { !log.text.isEmpty }
        #expect(log.text == "Waiting for another checkout of this repository\n")
        checkout.cancel()
        await #expect(throws: CheckoutError("the checkout was stopped")) { try await checkout.value }
        #expect(openFiles(path) == 1)
    }

    @Test(arguments: Way.allCases)
    func runsNoProgramWhereTheStopCameFirst(way: Way) async throws {
        let (error, programs) = try await stopped(way, after: 0)
        #expect(error == CheckoutError("the checkout was stopped"))
        #expect(programs == 0)
    }

    @Test func runsNoFurtherProgramWhereTheStopCameAfterTheFetch() async throws {
        let (error, programs) = try await stopped(.remote, after: 1)
        #expect(error == CheckoutError("the checkout was stopped"))
        #expect(programs == 1)
    }

    @Test func saysNothingOfAGitThatTheStopEnded() async throws {
        let scratch = try await Scratch()
        try await scratch.sh("printf '#!/bin/sh\\n: > ~/fetching\\nexec sleep 600\\n' > slow; chmod +x slow")
        var environment = scratch.environment
        environment["GIT_SSH_COMMAND"] = scratch.folder + "/slow"
        let source = GitSource(root: scratch.folder + "/state", environment: environment)
        let execution = try await HostRunnerForTests.begin()
        let log = Log()
        let request = CheckoutRequest(
            repository: try RepositoryURL("git@host:x", allowLocal: false), ref: try GitRef("main"), commit: nil,
            workspace: scratch.folder)
        let checkout = Task { try await source.checkout(request, in: execution, output: log) }
        try await eventually("git fetches") { access(scratch.folder + "/fetching", F_OK) == 0 }
        checkout.cancel()
        execution.stop(grace: .seconds(10))
        await #expect(throws: CheckoutError("the checkout was stopped")) { try await checkout.value }
        #expect(log.text == "Fetching refs/heads/main from git@host:x\n")
        await execution.close()
    }

    /// Checks out and stops after so many programs; no signal is sent, so nothing but the checkout itself can obey.
    private func stopped(_ way: Way, after programs: Int) async throws -> (CheckoutError?, programs: Int) {
        let scratch = try await Scratch()
        try await scratch.sh("mkdir workspace")
        let request = CheckoutRequest(
            repository: try RepositoryURL(way.address(in: scratch), allowLocal: true), ref: try GitRef("main"),
            commit: nil, workspace: scratch.workspace())
        let source = scratch.source()
        let execution = Counting(try await HostRunnerForTests.begin(), cancelsAfter: programs)
        let checkout = Task { () async -> CheckoutError? in
            if programs == 0 { withUnsafeCurrentTask { $0?.cancel() } }
            do throws(CheckoutError) {
                _ = try await source.checkout(request, in: execution, output: Log())
                return nil
            } catch { return error }
        }
        execution.watch(checkout)
        let error = await checkout.value
        await execution.close()
        return (error, execution.programs)
    }

    /// How often this process has a file open.
    private func openFiles(_ path: String) -> Int {
        let folder = "/proc/self/fd"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.count { (try? FileManager.default.destinationOfSymbolicLink(atPath: folder + "/" + $0)) == path }
    }
}

/// Counts programs, and cancels the checkout that runs them after so many.
private final class Counting: Execution {
    private let base: any Execution
    private let limit: Int
    private let state = Mutex((count: 0, checkout: Task<CheckoutError?, Never>?.none))

    init(_ base: any Execution, cancelsAfter limit: Int) {
        self.base = base
        self.limit = limit
    }

    var programs: Int { state.withLock { $0.count } }

    func watch(_ checkout: Task<CheckoutError?, Never>) { state.withLock { $0.checkout = checkout } }

    func run(_ command: Command, output: any OutputSink) async throws(RunnerError) -> Orchestration.ExitStatus {
        let status = try await base.run(command, output: output)
        state.withLock { $0.count += 1 }
        guard programs == limit else { return status }
        while state.withLock({ $0.checkout == nil }) { await Task.yield() }
        state.withLock { $0.checkout }?.cancel()
        return status
    }

    func stop(grace: Duration) { base.stop(grace: grace) }
    func interrupt(grace: Duration) { base.interrupt(grace: grace) }
    @discardableResult
    func close() async -> Leftovers { await base.close() }
}
