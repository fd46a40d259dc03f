import BuildDomain
import Orchestration
import TestSupport
import Testing

@testable import Worker

/// How an attempt ends, and what its log and steps say then.
@Suite struct AttemptExecutionTests {
    private let job = assignment()

    @Test(.timeLimit(.minutes(1))) func aCommandThatSucceedsIsASuccess() async throws {
        let shop = Workshop { _, _, output in
            output.print("hello\n")
            output.print("oops\n", to: .stderr)
            output.print("no line feed")
            return .exited(0)
        }
        let record = try await shop.execute(job)
        #expect(record.end?.outcome == .success)
        #expect(record.end?.exitCode == 0)
        #expect(record.end?.reason == nil)
        #expect(record.lines == ["checking out main", "hello", "oops", "no line feed"])
        #expect(record.progress?.commit?.description == commitText)
        #expect(record.progress?.steps.map(\.outcome) == [.success, .success])
        #expect(record.progress?.steps.map(\.exitCode) == [nil, 0])
    }

    @Test(.timeLimit(.minutes(1))) func aCommandThatFailsIsAFailureOfTheScript() async throws {
        let record = try await Workshop { _, _, _ in .exited(3) }.execute(job)
        #expect(record.end?.outcome == .failed)
        #expect(record.end?.reason == .script)
        #expect(record.end?.exitCode == 3)
        #expect(record.end?.signal == nil)
        #expect(record.progress?.steps.map(\.outcome) == [.success, .failed])
    }

    @Test(.timeLimit(.minutes(1))) func theLogSaysWhatWasLeftRunningAndWhatItLacks() async throws {
        let shop = Workshop { execution, _, _ in
            execution.leave(Leftovers(killed: 2, droppedBytes: 77, survivors: [4711, 4712]))
            return .exited(0)
        }
        let record = try await shop.execute(job)
        #expect(record.end?.outcome == .success)
        #expect(
            record.lines.dropFirst() == [
                "killed what the job left running in the background (processes: 2)",
                "77 bytes are missing here: background processes printed them after their command had ended",
                "left behind on the worker, as they could not be killed: processes 4711, 4712",
            ])
    }

    @Test(.timeLimit(.minutes(1))) func aSignalIsToldByItsNumber() async throws {
        let record = try await Workshop { _, _, _ in .signaled(11) }.execute(job)
        #expect(record.end?.reason == .script)
        #expect(record.end?.signal == 11)
        #expect(record.end?.exitCode == 139)
        #expect(record.end?.error == "the command was ended by signal 11")
    }

    @Test(.timeLimit(.minutes(1))) func afterAFailedStepTheOthersAreSkipped() async throws {
        let shop = Workshop { _, command, output in
            output.print("\(command.arguments.last ?? "")\n")
            return command.arguments.last == "two" ? .exited(1) : .exited(0)
        }
        let record = try await shop.execute(assignment(commands: ["one", "two", "three"]))
        #expect(record.lines == ["checking out main", "one", "two"])
        #expect(record.progress?.steps.map(\.outcome) == [.success, .success, .failed, .skipped])
        #expect(record.progress?.steps.map(\.conclusion) == [.success, .success, .failed, .skipped])
    }

    @Test(.timeLimit(.minutes(1))) func aCheckoutThatFailsIsNotTheScriptsFault() async throws {
        let source = FakeSource(failure: CheckoutError("there is no branch main"))
        let record = try await Workshop(source: source) { _, _, _ in .exited(0) }.execute(job)
        #expect(record.end?.outcome == .failed)
        #expect(record.end?.reason == .checkout)
        #expect(record.end?.error == "there is no branch main")
        #expect(record.end?.exitCode == nil)
        #expect(record.lines.last == "there is no branch main")
        #expect(record.progress?.steps.map(\.outcome) == [.failed, .skipped])
    }

    @Test(.timeLimit(.minutes(1))) func aLocalRepositoryIsRefusedWhereTheWorkerDoesNotBuildThem() async throws {
        let local = assignment(repository: "/srv/r")
        let refused = try await Workshop { _, _, _ in .exited(0) }.execute(local)
        #expect(refused.end?.reason == .refused)
        #expect(refused.end?.error?.contains("--allow-local-repositories") == true)
        let built = try await Workshop(adjust: { $0.allowsLocalRepositories = true }) { _, _, _ in .exited(0) }
            .execute(local)
        #expect(built.end?.outcome == .success)
    }

    @Test(.timeLimit(.minutes(1))) func anEnvironmentThatCannotBeMadeIsNotTheScriptsFault() async throws {
        let shop = Workshop { _, _, _ in .exited(0) }
        shop.runner.fail(.cannotBegin("no processes left"))
        let record = try await shop.execute(job)
        #expect(record.end?.reason == .config)
        #expect(record.lines.last?.contains("no processes left") == true)
        #expect(record.progress?.steps.map(\.outcome) == [.skipped, .skipped])
    }

    @Test(.timeLimit(.minutes(1))) func aCommandThatCannotStartIsNotTheScriptsFault() async throws {
        let shop = Workshop { (_, _, _) async throws(RunnerError) in
            throw .cannotStart(program: "/bin/sh", cause: "not found")
        }
        let record = try await shop.execute(job)
        #expect(record.end?.reason == .config)
        #expect(record.lines.last?.contains("could not be started") == true)
    }

    @Test(.timeLimit(.minutes(1))) func aSupervisorThatIsKilledIsTheScriptsFault() async throws {
        let shop = Workshop { (execution, _, _) async throws(RunnerError) in
            var leftovers = Leftovers(killed: 2)
            leftovers.supervisorWasLost = true
            leftovers.killedNames = ["sleep (4711)"]
            execution.leave(leftovers)
            throw .supervisorLost
        }
        let record = try await shop.execute(job)
        #expect(record.end?.outcome == .failed)
        #expect(record.end?.reason == .script)
        #expect(
            record.end?.error == "the supervisor of the command was killed, and everything it ran with it "
                + "(by the build itself, or for want of memory)")
        #expect(
            record.lines.last
                == "the supervisor of the command was killed; ended what it had (processes: 2: sleep (4711))")
    }

    @Test(.timeLimit(.minutes(1)), arguments: [(DiskError.full("no space"), Reason.diskFull), (.failed("x"), .config)])
    func aWorkspaceThatCannotBeMadeEndsTheAttempt(failure: DiskError, reason: Reason) async throws {
        let record = try await Workshop(disk: FakeDisk(failure: failure)) { _, _, _ in .exited(0) }.execute(job)
        #expect(record.end?.reason == reason)
        #expect(record.end?.seal == .empty)
        #expect(record.progress?.steps.map(\.outcome) == [.skipped, .skipped])
    }

    @Test(.timeLimit(.minutes(1))) func aLogThatCannotBeKeptEndsTheAttemptWithWhatThereIsOfIt() async throws {
        let disk = FakeDisk(spoolFailsAfter: 3)
        let shop = Workshop(disk: disk) { _, _, output in
            for number in 1...9 { output.print("\(number)\n") }
            return .exited(0)
        }
        let record = try await shop.execute(job)
        #expect(record.end?.reason == .diskFull)
        #expect(record.end?.error == "no space left")
        #expect(record.lines == ["checking out main", "1", "2"])
    }

    @Test(.timeLimit(.minutes(1))) func aCommandSeesWhatIsDocumentedAndNothingElse() async throws {
        let shop = Workshop { _, _, _ in .exited(0) }
        let job = assignment(environment: ["A": "1", "CI": "yes", "PATH": "/opt", "MINI_CI_JOB_NAME": "forged"])
        _ = try await shop.execute(job)
        let attempt = job.reference.attempt
        let command = try #require(shop.runner.execution(of: attempt)?.commands.first)
        #expect(command.arguments == ["/bin/sh", "-e", "-c", "make"])
        #expect(command.directory == "/w/\(attempt)/workspace")
        #expect(
            command.environment == [
                "A": "1", "CI": "yes", "HOME": "/home/ci", "PATH": "/opt", "TERM": "dumb",
                "TMPDIR": "/w/\(attempt)/tmp", "MINI_CI": "true", "MINI_CI_ATTEMPT": "1",
                "MINI_CI_ATTEMPT_ID": "\(attempt)", "MINI_CI_BUILD_ID": "\(job.reference.build)",
                "MINI_CI_COMMIT_SHA": commitText, "MINI_CI_JOB_ID": "\(job.reference.job)", "MINI_CI_JOB_NAME": "build",
                "MINI_CI_REF": "main", "MINI_CI_REPO_URL": "https://example.com/r.git",
                "MINI_CI_WORKER_NAME": "worker-1", "MINI_CI_WORKSPACE": "/w/\(attempt)/workspace",
            ])
    }

    @Test(.timeLimit(.minutes(1))) func linesAndProgressAreSeenWhileTheCommandRuns() async throws {
        let gate = Gate()
        let shop = Workshop { _, _, output in
            output.print("first\n")
            await gate.wait()
            return .exited(0)
        }
        try await shop.open {
            shop.plane.offer([job])
            let attempt = job.reference.attempt
            try await eventually("the line arrives") { shop.plane.record(attempt).lines.last == "first" }
            try await shop.passTime(until: "progress is reported") {
                shop.plane.record(attempt).reports.last?.steps.last?.startedAt != nil
            }
            let report = try #require(shop.plane.record(attempt).reports.last)
            #expect(report.commit?.description == commitText)
            #expect(report.steps.map(\.outcome) == [.success, nil])
            gate.open()
            try await shop.ended(job)
        }
    }
}
