import Dispatch
import Foundation
import Glibc
import HostRunner
import Orchestration
import Synchronization
import Testing

@Suite("What a closed environment tells of its leftovers")
struct LeftoverTests {
    @Test func nothingWhereNothingWasLeft() async throws {
        let execution = try await HostRunner().begin(attempt: attempt)
        _ = try await execution.run(shell("echo out; sleep 0.01 & wait"), output: Recorder())
        #expect(await execution.close() == Leftovers())
        #expect(await execution.close() == Leftovers())
    }

    @Test func whatWasKilledIsCounted() async throws {
        let recorder = Recorder()
        let execution = try await HostRunner().begin(attempt: attempt)
        let script = "sleep 600 & echo $!; setsid sleep 600 >/dev/null 2>&1 & echo $!"
        _ = try await execution.run(shell(script), output: recorder)
        #expect(await execution.close() == Leftovers(killed: 2))
        #expect(await execution.close() == Leftovers(killed: 2))
        #expect(!pids(in: recorder.out).contains(where: isAlive))
    }

    @Test func outputThatCameTooLateIsCounted() async throws {
        let recorder = Recorder()
        let folder = try #require(temporaryFolder())
        defer { removeFolder(folder) }
        let execution = try await HostRunner().begin(attempt: attempt)
        // It prints only once the next program says so, when nobody reads the first one's output any more.
        var command = shell("(while [ ! -e go ]; do sleep 0.01; done; echo 12345; : > done) & echo first")
        command.directory = folder
        _ = try await execution.run(command, output: recorder)
        command = shell(": > go; while [ ! -e done ]; do sleep 0.01; done")
        command.directory = folder
        _ = try await execution.run(command, output: recorder)
        #expect(await execution.close().droppedBytes == 6)
        #expect(recorder.out == "first\n")
    }
}

/// A process that has been killed and still does not go away. Without a broken file system there is one other way to
/// have one: whoever is traced stays in the process table until the tracer has taken note of its end.
@Suite("What cannot be killed", .timeLimit(.minutes(1)))
struct SurvivorTests {
    /// Long enough that what can be killed is gone by then, on a busy machine too.
    private let limit = Duration.seconds(2)

    @Test func aBackgroundProcessIsNamedAndDoesNotHoldUpTheEnd() async throws {
        let recorder = Recorder()
        let execution = try await HostRunner(killLimit: limit).begin(attempt: attempt)
        _ = try await execution.run(shell("sleep 600 >/dev/null 2>&1 & echo $!; sleep 600 & echo $!"), output: recorder)
        let started = pids(in: recorder.out)
        let tracer = try Tracer(of: try #require(started.first))
        let leftovers = await execution.close()
        #expect(leftovers.survivors == [Int(started[0])])
        #expect(leftovers.killed == 1)
        tracer.letGo()
    }

    @Test func aProgramCountsAsKilledSoThatItsRunEnds() async throws {
        let recorder = Recorder()
        let execution = try await HostRunner(killLimit: limit).begin(attempt: attempt)
        async let status = execution.run(shell("echo $$; exec sleep 600"), output: recorder)
        await recorder.reaches("\n")
        let program = try #require(pids(in: recorder.out).first)
        let tracer = try Tracer(of: program)
        execution.stop(grace: .zero)
        let ended = try await status
        #expect(ended == .signaled(9))
        #expect(await execution.close().survivors == [Int(program)])
        tracer.letGo()
    }
}

/// Traces a process from a thread of its own, as the kernel wants it, until it is told to let go.
private final class Tracer: Sendable {
    private struct Refused: Error {}
    private let isTraced = Mutex(false)
    private let released = DispatchSemaphore(value: 0)

    init(of process: pid_t) throws {
        let begun = DispatchSemaphore(value: 0)
        Thread.detachNewThread { [self] in
            let isDone = seize(process)
            isTraced.withLock { $0 = isDone }
            begun.signal()
            guard isDone else { return }
            released.wait()
            // Takes note of the end, so that the process can be reaped by its parent.
            var status: Int32 = 0
            _ = waitpid(process, &status, Int32(bitPattern: 0x4000_0000))  // __WALL
        }
        begun.wait()
        guard isTraced.withLock({ $0 }) else { throw Refused() }
    }

    func letGo() { released.signal() }
}

/// `ptrace(PTRACE_SEIZE, process, 0, 0)`, which Swift does not import as it takes any number of arguments.
private func seize(_ process: pid_t) -> Bool {
    typealias Function = @convention(c) (Int, Int, Int, Int) -> Int
    guard let symbol = dlsym(nil, "ptrace") else { return false }
    return unsafeBitCast(symbol, to: Function.self)(0x4206, Int(process), 0, 0) == 0
}
