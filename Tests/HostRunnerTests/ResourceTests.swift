import Glibc
import Orchestration
import Testing

@testable import HostRunner

@Suite("What is left over")
struct ResourceTests {
    @Test func twoHundredExecutionsAtOnce() async throws {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 0..<200 {
                group.addTask {
                    let recorder = Recorder()
                    let status = try await withExecution {
                        try await $0.run(shell("echo \(number); exit \(number % 256)"), output: recorder)
                    }
                    return status == .exited(number % 256) && recorder.out == "\(number)\n"
                }
            }
            for try await isRight in group { #expect(isRight) }
        }
    }

    @Test func twoHundredRunsKeepNoDescriptor() async throws {
        let before = openDescriptors()
        for _ in 0..<200 {
            let status = try await withExecution { try await $0.run(shell("exit 0"), output: Recorder()) }
            #expect(status == .exited(0))
        }
        // Other tests of this process hold some at any time; a leak would be two hundred and more.
        #expect(openDescriptors() - before < 150)
    }

    @Test func closeReapsTheSupervisor() async throws {
        let execution = try #require(try await HostRunner().begin(attempt: attempt) as? HostExecution)
        _ = try await execution.run(shell("sleep 60 &"), output: Recorder())
        await execution.close()
        var status: Int32 = 0
        #expect(waitpid(execution.supervisor.process, &status, WNOHANG) == -1)
        #expect(errno == ECHILD)
    }

    @Test func aForgottenExecutionEnds() async throws {
        let recorder = Recorder()
        var execution: (any Execution)? = try await HostRunner().begin(attempt: attempt)
        _ = try await execution?.run(shell("sleep 600 & echo $!"), output: recorder)
        execution = nil
        let child = try #require(pids(in: recorder.out).first)
        while isAlive(child) { try await Task.sleep(for: .milliseconds(1)) }
    }
}
