import BuildDomain
import Orchestration
import Testing

@testable import HostRunner

@Suite("Running one program")
struct ProgramTests {
    @Test(arguments: [0, 1, 7, 255])
    func reportsTheExitCode(code: Int) async throws {
        let status = try await withExecution { try await $0.run(shell("exit \(code)"), output: Recorder()) }
        #expect(status == .exited(code))
    }

    @Test(arguments: [("TERM", 15), ("KILL", 9), ("SEGV", 11), ("HUP", 1)])
    func reportsTheSignal(name: String, number: Int) async throws {
        let status = try await withExecution { try await $0.run(shell("kill -\(name) $$"), output: Recorder()) }
        #expect(status == .signaled(number))
    }

    @Test func handsOverBothOutputsCompletely() async throws {
        let counter = Counter()
        let script = "head -c 50000000 /dev/zero & head -c 30000001 /dev/zero >&2; wait"
        let status = try await withExecution { try await $0.run(shell(script), output: counter) }
        #expect(status == .exited(0))
        #expect(counter.out == 50_000_000)
        #expect(counter.error == 30_000_001)
    }

    @Test func handsOverWhatIsWrittenRightBeforeTheEnd() async throws {
        try await withExecution { execution in
            for round in 0..<50 {
                let recorder = Recorder()
                let command = shell("printf out\(round); printf err >&2; exit 3")
                let status = try await execution.run(command, output: recorder)
                #expect(status == .exited(3))
                #expect(recorder.out == "out\(round)")
                #expect(recorder.error == "err")
            }
        }
    }

    @Test func handsOverWhatAProcessSubstitutionWritesAfterItsShell() async throws {
        let recorder = Recorder()
        let command = Command(
            arguments: ["bash", "-c", "echo shown > >(read -r line; echo \"$line by the reader\")"], environment: path,
            directory: "/tmp")
        _ = try await withExecution { try await $0.run(command, output: recorder) }
        #expect(recorder.out == "shown by the reader\n")
    }

    @Test func givesNoStandardInput() async throws {
        let recorder = Recorder()
        let status = try await withExecution { try await $0.run(shell("wc -c; tty"), output: recorder) }
        #expect(status == .exited(1))
        #expect(recorder.out == "0\nnot a tty\n")
    }

    @Test func givesExactlyTheEnvironment() async throws {
        let recorder = Recorder()
        let environment = ["A": "1", "B": "two words\nand a line", "EMPTY": "", "ÜMLAUT": "ß=ß"]
        let command = Command(arguments: ["/usr/bin/env", "-0"], environment: environment, directory: "/")
        _ = try await withExecution { try await $0.run(command, output: recorder) }
        let variables = recorder.out.split(separator: "\0").map(String.init)
        #expect(Set(variables) == ["A=1", "B=two words\nand a line", "EMPTY=", "ÜMLAUT=ß=ß"])
    }

    @Test func hasNoDescriptorOfTheWorker() async throws {
        let recorder = Recorder()
        let command = Command(arguments: ["ls", "/proc/self/fd"], environment: path, directory: "/")
        _ = try await withExecution { try await $0.run(command, output: recorder) }
        // 3 is the folder that ls itself reads.
        #expect(pids(in: recorder.out) == [0, 1, 2, 3])
    }

    @Test func startsWithAPlainState() async throws {
        let recorder = Recorder()
        let script = "umask; pwd; grep -E '^Sig(Blk|Ign)' /proc/self/status"
        _ = try await withExecution { try await $0.run(shell(script), output: recorder) }
        #expect(recorder.out == "0022\n/tmp\nSigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n")
    }

    @Test func passesLongArgumentsAndEnvironments() async throws {
        let counter = Counter()
        let long = String(repeating: "x", count: 100_000)
        let command = Command(
            arguments: ["printf", "%s", long], environment: ["PATH": "/bin:/usr/bin", "LONG": long, "LONGER": long],
            directory: "/")
        let status = try await withExecution { try await $0.run(command, output: counter) }
        #expect(status == .exited(0))
        #expect(counter.out == 100_000)
    }

    @Test func goesOnWhenAProgramClosesItsOutputs() async throws {
        let status = try await withExecution {
            try await $0.run(shell("exec >&- 2>&-; sleep 0.2; exit 9"), output: Recorder())
        }
        #expect(status == .exited(9))
    }

    @Test func doesNotWaitForBackgroundChildren() async throws {
        let clock = ContinuousClock()
        let recorder = Recorder()
        try await withExecution { execution in
            let took = try await clock.measure {
                let status = try await execution.run(shell("sleep 60 & echo $!"), output: recorder)
                #expect(status == .exited(0))
            }
            #expect(took < .seconds(30))
            #expect(pids(in: recorder.out).allSatisfy(isAlive))
        }
        #expect(pids(in: recorder.out).count == 1)
        #expect(!pids(in: recorder.out).contains(where: isAlive))
    }

    @Test func keepsBackgroundChildrenWriting() async throws {
        let recorder = Recorder()
        try await withExecution { execution in
            let background = "yes & echo $! > pid; exit 0"
            let folder = try #require(temporaryFolder())
            defer { removeFolder(folder) }
            var command = shell(background)
            command.directory = folder
            #expect(try await execution.run(command, output: Counter()) == .exited(0))
            // After more than a pipe holds it is still there: it neither waits for a reader nor died of SIGPIPE.
            command = shell(
                """
                written() { sed -n 's/wchar: //p' /proc/$(cat pid)/io; }
                while kill -0 $(cat pid) && [ $(written) -lt 4000001 ]; do :; done; written
                """)
            command.directory = folder
            #expect(try await execution.run(command, output: recorder) == .exited(0))
        }
        let written = recorder.out.split(whereSeparator: \.isWhitespace).last.flatMap { Int($0) }
        #expect(try #require(written) > 4_000_000)
    }
}
