import Orchestration
import Testing

@testable import HostRunner

@Suite("Programs that cannot be started")
struct StartFailureTests {
    private func failure(of command: Command) async throws -> RunnerError? {
        let execution = try await HostRunner().begin(attempt: attempt)
        var failure: RunnerError?
        do throws(RunnerError) { _ = try await execution.run(command, output: Recorder()) } catch { failure = error }
        // A failed start leaves the environment usable.
        #expect(try await execution.run(shell("exit 4"), output: Recorder()) == .exited(4))
        await execution.close()
        return failure
    }

    private func command(_ arguments: [String], in directory: String = "/") -> Command {
        Command(arguments: arguments, environment: ["PATH": "/nowhere:/bin"], directory: directory)
    }

    @Test func saysThatACommandIsNotInPath() async throws {
        let expected = RunnerError.cannotStart(
            program: "no-such-program", cause: "command not found; PATH is '/nowhere:/bin'")
        #expect(try await failure(of: command(["no-such-program"])) == expected)
    }

    @Test func saysThatAFileIsNotThere() async throws {
        let expected = RunnerError.cannotStart(program: "/no/such/file", cause: "No such file or directory")
        #expect(try await failure(of: command(["/no/such/file"])) == expected)
    }

    @Test func saysThatAFileIsNotExecutable() async throws {
        let expected = RunnerError.cannotStart(program: "/etc/passwd", cause: "Permission denied")
        #expect(try await failure(of: command(["/etc/passwd"])) == expected)
    }

    @Test func saysThatTheDirectoryIsMissing() async throws {
        let expected = RunnerError.cannotStart(
            program: "true",
            cause: "the working directory '/no/such/folder' could not be entered: No such file or directory")
        #expect(try await failure(of: command(["true"], in: "/no/such/folder")) == expected)
    }

    @Test func refusesARelativeDirectory() async throws {
        let expected = RunnerError.cannotStart(
            program: "true", cause: "the working directory 'here' is not an absolute path")
        #expect(try await failure(of: command(["true"], in: "here")) == expected)
    }

    @Test func refusesWhatNoSystemCallTakes() async throws {
        #expect(
            try await failure(of: command(["echo", "a\0b"]))
                == .cannotStart(program: "echo", cause: "an argument contains a NUL byte"))
        #expect(try await failure(of: command([])) == .cannotStart(program: "", cause: "no program was named"))
        var bad = command(["true"])
        bad.environment["A=B"] = "c"
        let cause = "the environment has the variable name 'A=B', which is empty or contains '='"
        #expect(try await failure(of: bad) == .cannotStart(program: "true", cause: cause))
    }

    @Test func saysWhatIsTooLong() async throws {
        let huge = command(["true"] + (0..<30).map { _ in String(repeating: "x", count: 100_000) })
        let error = try await failure(of: huge)
        #expect("\(error as Any)".contains("the limit is 2097152 bytes"))
        let long = command(["true", String(repeating: "x", count: 200_000)])
        let second = try await failure(of: long)
        #expect("\(second as Any)".contains("longer than this system takes"))
    }
}
