import Glibc
import Orchestration
import Testing

@testable import HostRunner

/// One after the other: where two die at the same time, whoever looks first ends and counts what both had.
@Suite("A supervisor that somebody kills", .serialized, .timeLimit(.minutes(2)))
struct LostSupervisorTests {
    /// It blocks all signals that can be blocked: this is the one that ends it.
    @Test func nothingOfItSurvives() async throws {
        let runner = HostRunner()
        let execution = try await runner.begin(attempt: attempt)
        let recorder = Recorder()
        let script = """
            sleep 600 & echo $!
            setsid sh -c 'sleep 600 & echo $!; setsid sleep 600 & echo $!; echo $$; wait' &
            sleep 0.2; kill -KILL $PPID; sleep 600
            """
        #expect(await failure(of: execution, script, recorder) == .supervisorLost)
        #expect(await failure(of: execution, "true", Recorder()) == .supervisorLost)
        let leftovers = await execution.close()
        #expect(pids(in: recorder.out).count == 4)
        #expect(!pids(in: recorder.out).contains(where: isAlive))
        #expect(leftovers.supervisorWasLost)
        // The command itself, what it started, and the shell apart from it.
        #expect(leftovers.killed >= 4)
        #expect(leftovers.killedNames.contains { $0.hasPrefix("sleep (") })
        #expect(leftovers.survivors.isEmpty)
        #expect(!pids(in: recorder.out).contains { kill($0, 0) == 0 }, "none waits to be reaped")
        let next = try await runner.begin(attempt: attempt)
        #expect(try await next.run(shell("exit 5"), output: Recorder()) == .exited(5))
        #expect(await next.close() == Leftovers())
    }

    @Test func whatForksAllTheTimeDoesNotSurviveEither() async throws {
        let execution = try await HostRunner().begin(attempt: attempt)
        let folder = try #require(temporaryFolder())
        var command = shell(
            "hop() { [ -e stop ] || { hop & } ; }; for i in 1 2 3 4; do hop; done; kill -9 $PPID; sleep 600")
        command.directory = folder
        do throws(RunnerError) { _ = try await execution.run(command, output: Recorder()) } catch {
            #expect(error == .supervisorLost)
        }
        #expect(await execution.close().supervisorWasLost)
        #expect(processes(in: folder).isEmpty)
        removeFolder(folder)
    }

    @Test func otherAttemptsGoOn() async throws {
        let runner = HostRunner()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<6 {
                group.addTask {
                    let execution = try await runner.begin(attempt: attempt)
                    let recorder = Recorder()
                    if number % 3 == 0 {
                        let script = "setsid sleep 600 & echo $!; sleep 0.\(number + 1); kill -9 $PPID; sleep 600"
                        #expect(await failure(of: execution, script, recorder) == .supervisorLost)
                        #expect(await execution.close().supervisorWasLost)
                        #expect(!pids(in: recorder.out).contains(where: isAlive))
                        return
                    }
                    let script = "setsid sleep 600 & other=$!; sleep 2; kill -0 $other && exit \(number)"
                    #expect(try await execution.run(shell(script), output: recorder) == .exited(number))
                    #expect(await execution.close() == Leftovers(killed: 1))
                }
                // Some begin while others are being swept.
                group.addTask {
                    for _ in 0..<20 {
                        let status = try await withExecution { try await $0.run(shell("exit 3"), output: Recorder()) }
                        #expect(status == .exited(3))
                        try await Task.sleep(for: .milliseconds(50))
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    @Test func aSupervisorThatIsKeptStoppedHoldsNobodyUp() async throws {
        let runner = HostRunner(killLimit: .seconds(1), answerLimit: .seconds(1))
        let execution = try await runner.begin(attempt: attempt)
        let recorder = Recorder()
        let endless = "trap '' TERM; echo $$; echo ready; while :; do kill -STOP $PPID; done"
        async let ended = failure(of: execution, endless, recorder)
        await recorder.reaches("ready")
        execution.stop(grace: .milliseconds(100))
        // It is stopped for good, or got to its order in between.
        #expect([nil, .supervisorLost].contains(await ended))
        await execution.close()
        #expect(!pids(in: recorder.out).contains(where: isAlive))
    }

    @Test func aSupervisorThatTheEndFindsStoppedIsWoken() async throws {
        let execution = try await HostRunner().begin(attempt: attempt)
        let recorder = Recorder()
        async let ended = failure(of: execution, "sleep 600 & echo $!; kill -STOP $PPID; sleep 600", recorder)
        await recorder.reaches("\n")
        try await Task.sleep(for: .milliseconds(100))
        #expect(await execution.close().supervisorWasLost == false)
        #expect(await ended == .closed)
        #expect(!pids(in: recorder.out).contains(where: isAlive))
    }

    @Test func itHasATitleOfItsOwn() async throws {
        let recorder = Recorder()
        _ = try await withExecution {
            let script = "tr '\\0' '\\n' < /proc/$PPID/cmdline | grep . ; cat /proc/$PPID/comm"
            return try await $0.run(shell(script), output: recorder)
        }
        #expect(recorder.out == "mini-ci-job\nmini-ci-job\n")
    }
}

/// - Returns: `nil` when the program ran and ended.
private func failure(of execution: any Execution, _ script: String, _ output: any OutputSink) async -> RunnerError? {
    do throws(RunnerError) {
        _ = try await execution.run(shell(script), output: output)
        return nil
    } catch { return error }
}
