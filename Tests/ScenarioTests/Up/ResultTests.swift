import APISchema
import BuildDomain
import Foundation
import ScenarioSupport
import Testing

/// What somebody sees who submits a build.
@Suite(.serialized, .timeLimit(.minutes(3))) struct ResultTests {
    @Test func followingABuildPrintsItsLogAndEndsWithItsResult() async throws {
        try await Scene.play { scene in
            let up = try await scene.up()
            let repository = try await scene.repository()
            let good = try await scene.miniCI(
                up, "submit", "--repo", repository.path, "--command", "cat greeting; echo twice >&2", "--follow")
            #expect(good.status == 0, "\(good.error)")
            #expect(good.text.contains("hello\ntwice\n"))
            #expect(good.error.contains("succeeded"))
            let bad = try await scene.miniCI(
                up, "submit", "--repo", repository.path, "--ref", "main", "--command", "exit 7", "--follow")
            #expect(bad.status == 1)
            #expect(bad.error.contains("failed"))
            #expect(bad.error.contains("exit code 7"))
        }
    }

    @Test func whoFollowsSeesEveryAttemptAlsoThoseThatEndedBefore() async throws {
        try await Scene.play { scene in
            let up = try await scene.up()
            let repository = try await scene.repository()
            let command = "echo attempt $MINI_CI_ATTEMPT; exit 1"
            let build = try await up.submit(repository, command, attempts: 2, key: "once")
            _ = try await up.result(of: build.id)
            // The same key returns the same build, so that it is over before anybody follows it.
            let followed = try await scene.miniCI(
                up, "submit", "--repo", repository.path, "--ref", "main", "--command", command, "--max-attempts", "2",
                "--idempotency-key", "once", "--follow")
            #expect(followed.status == 1, "\(followed.error)")
            #expect(followed.error.contains("\(build.id)"))
            let printed = followed.text.split(separator: "\n").filter { $0.hasPrefix("attempt ") }
            #expect(printed == ["attempt 1", "attempt 2"])
            let newest = try await scene.miniCI(up, "logs", "-f", "\(build.id)")
            #expect(!newest.text.contains("attempt 1\n") && newest.text.contains("attempt 2\n"))
        }
    }

    @Test func whatIsForMachinesIsJSON() async throws {
        try await Scene.play { scene in
            let up = try await scene.up()
            let repository = try await scene.repository()
            let json = JSONDecoder()
            let submitted = try await scene.miniCI(
                up, "submit", "--repo", repository.path, "--command", "echo one", "--json")
            let build = try json.decode(BuildView.self, from: Data(submitted.output))
            _ = try await up.end(of: build.id)
            let shown = try await scene.miniCI(up, "show", "--json", "\(build.id)")
            #expect(try json.decode(BuildView.self, from: Data(shown.output)).status == .success)
            let listed = try await scene.miniCI(up, "builds", "--json", "--status", "success")
            #expect(try json.decode([BuildView].self, from: Data(listed.output)).map(\.id) == [build.id])
            let log = try await scene.miniCI(up, "logs", "--json", "--step", "2", "\(build.id)")
            #expect(try lines(log.output).map(\.text) == ["one"])
            let workers = try await scene.miniCI(up, "workers", "--json")
            #expect(try json.decode([WorkerView].self, from: Data(workers.output)).map(\.status) == ["online"])
            let followed = try await scene.miniCI(
                up, "submit", "--repo", repository.path, "--command", "echo two; exit 1", "--json", "--follow")
            #expect(followed.status == 1)
            let objects = followed.output.split(separator: UInt8(ascii: "\n"))
            let last = try json.decode(BuildView.self, from: Data(try #require(objects.last)))
            #expect(last.status == .failed)
            #expect(try lines(objects.dropLast().joined(separator: [10])).contains { $0.text == "two" })
        }
    }

    private func lines(_ bytes: some Sequence<UInt8>) throws -> [LineView] {
        try Array(bytes).split(separator: UInt8(ascii: "\n")).map {
            try JSONDecoder().decode(LineView.self, from: Data($0))
        }
    }

    @Test func aCommandThatASignalEndsIsReportedWithIt() async throws {
        try await Scene.play { scene in
            let up = try await scene.up()
            let ended = try await up.run(try await scene.repository(), "kill -KILL $$")
            #expect(ended.build.status == .failed)
            #expect(ended.build.reason == .script)
            #expect(ended.build.exitCode == 137)
            #expect(ended.attempts.first?.signal == 9)
            #expect(ended.build.error?.contains("signal 9") ?? false)
        }
    }

    @Test func aCommandThatFailsIsTriedAsOftenAsWasAskedAndEveryLogStays() async throws {
        try await Scene.play { scene in
            let up = try await scene.up()
            let repository = try await scene.repository()
            let command = "echo this is attempt $MINI_CI_ATTEMPT; exit 4"
            let ended = try await up.run(repository, command, attempts: 2)
            #expect(ended.build.status == .failed)
            #expect(ended.attempts.map(\.exitCode) == [4, 4])
            #expect(ended.output.last == "this is attempt 2")
            for number in 1...2 {
                let log = try await scene.miniCI(
                    up, "logs", "--attempt", "\(number)", "--step", "2", "\(ended.build.id)")
                #expect(log.text == "this is attempt \(number)\n")
            }
            let mended = try await up.run(repository, "test $MINI_CI_ATTEMPT = 2", attempts: 3)
            #expect(mended.build.status == .success)
            #expect(mended.attempts.map(\.status) == [.failed, .success])
        }
    }

    @Test func aRefThatIsNotThereFailsTheCheckoutAndIsNamed() async throws {
        try await Scene.play { scene in
            let up = try await scene.up()
            let ended = try await up.run(try await scene.repository(), "true", ref: "no-such-branch")
            #expect(ended.build.status == .failed)
            #expect(ended.build.reason == .checkout)
            #expect(ended.build.error?.contains("no-such-branch") ?? false, "\(ended.build.error ?? "-")")
        }
    }

    @Test func branchTagCommitAndFullRefAllNameTheCommit() async throws {
        try await Scene.play { scene in
            let up = try await scene.up()
            let repository = try await scene.repository()
            let tagged = try await scene.run("/usr/bin/git", ["-C", repository.path, "tag", "v1"])
            #expect(tagged.status == 0)
            for ref in ["main", "v1", repository.commit, "refs/heads/main", "refs/tags/v1"] {
                let ended = try await up.run(repository, "cat greeting", ref: ref)
                #expect(ended.build.status == .success, "\(ref)")
                #expect(ended.build.commitSHA == repository.commit, "\(ref)")
            }
        }
    }
}
