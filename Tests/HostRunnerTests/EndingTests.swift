import CSupervisor
import Glibc
import Orchestration
import Testing

@testable import HostRunner

@Suite("Ending what was started")
struct EndingTests {
    @Test(arguments: [
        "sleep 600 & echo $!",
        "setsid sleep 600 & echo $!",
        "nohup sleep 600 >/dev/null 2>&1 & echo $!",
        "setsid sh -c 'sleep 600 & echo $!; setsid sleep 600 & echo $!; exit' ",
        "(trap '' TERM HUP INT; sleep 600 & echo $!; exec sleep 600) & echo $!; sleep 0.1",
        "sleep 600 & kill -STOP $!; echo $!",
    ])
    func leavesNothingBehind(script: String) async throws {
        let recorder = Recorder()
        let execution = try await HostRunner().begin(attempt: attempt)
        _ = try await execution.run(shell(script), output: recorder)
        let started = pids(in: recorder.out)
        #expect(!started.isEmpty)
        #expect(started.allSatisfy(isAlive))
        await execution.close()
        #expect(!started.contains(where: isAlive))
    }

    @Test func killsProcessesThatForkAllTheTime() async throws {
        let recorder = Recorder()
        let execution = try await HostRunner().begin(attempt: attempt)
        // Each process starts its successor and exits: no number is valid for long.
        let hopper = "hop() { [ -e stop ] || { hop & } ; }; for i in 1 2 3 4; do hop; done; echo $$"
        let folder = try #require(temporaryFolder())
        var command = shell("mark=hopper; \(hopper)")
        command.directory = folder
        _ = try await execution.run(command, output: recorder)
        await execution.close()
        // Whatever lived on would have this folder as its own.
        #expect(processes(in: folder).isEmpty)
        removeFolder(folder)
    }

    @Test func stopEndsARunningProgram() async throws {
        let recorder = Recorder()
        try await withExecution { execution in
            async let status = execution.run(shell("echo ready; exec sleep 600"), output: recorder)
            await recorder.reaches("ready")
            execution.stop(grace: .seconds(60))
            let ended = try await status
            #expect(ended == .signaled(15))
            #expect(await outcome(of: execution, shell("exit 5"), recorder) == .failure(.stopped))
        }
    }

    @Test func stopBetweenTwoProgramsRefusesTheNext() async throws {
        let recorder = Recorder()
        try await withExecution { execution in
            let first = try await execution.run(shell("exit 5"), output: recorder)
            #expect(first == .exited(5))
            execution.stop(grace: .seconds(60))
            for _ in 0..<2 {
                #expect(await outcome(of: execution, shell("echo started"), recorder) == .failure(.stopped))
            }
        }
        #expect(recorder.out.isEmpty)
    }

    @Test(.timeLimit(.minutes(1))) func stopIsNotLostHoweverItMeetsAStart() async throws {
        for _ in 0..<50 {
            try await withExecution { execution in
                async let result = outcome(of: execution, shell("exec sleep 600"), Recorder())
                execution.stop(grace: .zero)
                let ended = await result
                #expect([.failure(.stopped), .success(.signaled(15)), .success(.signaled(9))].contains(ended))
            }
        }
    }

    @Test func interruptEndsWhatRunsAndNothingLater() async throws {
        let recorder = Recorder()
        try await withExecution { execution in
            async let status = execution.run(shell("echo ready; exec sleep 600"), output: recorder)
            await recorder.reaches("ready")
            execution.interrupt(grace: .seconds(60))
            let ended = try await status
            #expect(ended == .signaled(15))
            execution.interrupt(grace: .seconds(60))
            #expect(try await execution.run(shell("exit 5"), output: recorder) == .exited(5))
        }
    }

    @Test func stopGivesTimeToCleanUp() async throws {
        let recorder = Recorder()
        try await withExecution { execution in
            let handler = "trap 'echo cleaning; sleep 0.05; echo cleaned; exit 3' TERM"
            let script = "\(handler); echo ready; while :; do sleep 0.02; done"
            async let status = execution.run(shell(script), output: recorder)
            await recorder.reaches("ready")
            execution.stop(grace: .seconds(60))
            let ended = try await status
            #expect(ended == .exited(3))
        }
        #expect(recorder.out.hasSuffix("cleaning\ncleaned\n"))
    }

    @Test func graceEndsATreeThatIgnoresSignals() async throws {
        let recorder = Recorder()
        try await withExecution { execution in
            let deaf = "setsid sh -c 'echo $$; while :; do sleep 600; done'"
            let script = "trap '' TERM; \(deaf) & echo $$; echo ready; wait; sleep 600"
            async let status = execution.run(shell(script), output: recorder)
            await recorder.reaches("ready")
            execution.stop(grace: .seconds(3600))
            execution.stop(grace: .milliseconds(50))
            let ended = try await status
            #expect(ended == .signaled(9))
        }
        #expect(!pids(in: recorder.out).contains(where: isAlive))
    }

    @Test func stopReachesStoppedProcesses() async throws {
        let recorder = Recorder()
        try await withExecution { execution in
            async let status = execution.run(shell("echo ready; kill -STOP $$; sleep 600"), output: recorder)
            await recorder.reaches("ready")
            execution.stop(grace: .seconds(1))
            let ended = try await status
            #expect(!ended.isSuccess)
        }
    }

    @Test func endlessOutputHidesNeitherStopNorClose() async throws {
        let counter = Counter()
        try await withExecution { execution in
            async let status = execution.run(shell("yes & yes >&2 & wait"), output: counter)
            while counter.out < 1_000_000 { await Task.yield() }
            execution.stop(grace: .milliseconds(20))
            let ended = try await status
            #expect(!ended.isSuccess)
        }
    }

    @Test func closeEndsARun() async throws {
        let recorder = Recorder()
        let execution = try await HostRunner().begin(attempt: attempt)
        async let result = outcome(of: execution, shell("echo ready; exec sleep 600"), recorder)
        await recorder.reaches("ready")
        await execution.close()
        #expect(await result == .failure(.closed))
        await execution.close()
        #expect(await outcome(of: execution, shell("true"), recorder) == .failure(.closed))
        execution.stop(grace: .zero)
    }

    @Test func closeMayBeCalledByMany() async throws {
        let execution = try await HostRunner().begin(attempt: attempt)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<10 { group.addTask { await execution.close() } }
        }
    }

    @Test func theDeathOfTheWorkerEndsEverything() async throws {
        // What the kernel does when a worker is killed: its end of the socket closes, and nobody says anything.
        var control: Int32 = -1
        var supervisor: pid_t = -1
        var lastWords: UnsafePointer<mini_ci_last_words>?
        #expect(mini_ci_supervisor_start(30_000, &control, &supervisor, &lastWords) == 0)
        defer { mini_ci_free_last_words(lastWords) }
        let socket = ControlSocket(descriptor: dup(control))
        close(control)
        let recorder = Recorder()
        let request = try RunRequest(shell("setsid sleep 600 & echo $!; exec sleep 600"))
        startThread(named: "holder") { _ = ProgramRun.perform(request, through: socket, output: recorder) }
        await recorder.reaches("\n")
        shutdown(socket.descriptor, Int32(SHUT_RDWR))
        var end = mini_ci_end()
        mini_ci_supervisor_end(supervisor, 30_000, 30_000, &end)
        #expect(end.lost == 0)
        #expect(!pids(in: recorder.out).contains(where: isAlive))
    }

    private func outcome(
        of execution: any Execution, _ command: Command, _ output: any OutputSink
    ) async -> Result<Orchestration.ExitStatus, RunnerError> {
        do throws(RunnerError) { return .success(try await execution.run(command, output: output)) } catch {
            return .failure(error)
        }
    }
}
