import BuildDomain
import Orchestration
import TestSupport
import Testing

@Suite struct SubmitBuildTests {
    private let house = House()

    @Test func aSubmissionBecomesABuildOfOneJobWithTwoSteps() async throws {
        var asked = submission
        asked.environment = ["A": "1"]
        asked.labels = ["linux", "arch=arm64"]
        asked.priority = 7
        asked.timeoutSeconds = 90
        asked.maxAttempts = 3
        let (build, isNew) = try await house.services.submitBuild(asked, key: nil)
        #expect(isNew)
        #expect(build.status == .pending)
        #expect(build.priority == 7)
        let job = try #require(build.jobs.first?.spec)
        #expect(job.steps == [.checkout, .run(command: "make test")])
        #expect(job.labels.map(\.description).sorted() == ["arch=arm64", "linux"])
        #expect((job.timeoutSeconds, job.maxAttempts) == (90, 3))
        #expect(job.environment == ["A": "1"])
        #expect(try await house.store.build(build.id) == build)
        #expect(try await house.store.history(of: build.id).map(\.event.kind) == ["submitted"])
    }

    @Test func whatIsNotSaidHasADefault() async throws {
        let build = try await house.services.submitBuild(submission, key: nil).build
        let job = try #require(build.jobs.first?.spec)
        #expect((build.priority, job.timeoutSeconds, job.maxAttempts) == (0, 3600, 1))
    }

    @Test func eachLimitHoldsAtItsEdge() async throws {
        for (name, change) in Self.fitting {
            var asked = submission
            change(&asked)
            await #expect(throws: Never.self, "\(name)") { try await house.services.submitBuild(asked, key: nil) }
        }
        for (field, change) in Self.exceeding {
            var asked = submission
            change(&asked)
            let problems = await problems(of: asked)
            #expect(problems.map(\.field) == [field], "\(problems)")
        }
    }

    private typealias Change = @Sendable (inout Submission) -> Void

    private static let fitting: [(String, Change)] = [
        ("command", { $0.command = String(repeating: "x", count: 65_536) }),
        ("priority", { $0.priority = -1000 }), ("priority", { $0.priority = 1000 }),
        ("timeout_s", { $0.timeoutSeconds = 1 }), ("timeout_s", { $0.timeoutSeconds = 86_400 }),
        ("max_attempts", { $0.maxAttempts = 1 }), ("max_attempts", { $0.maxAttempts = 10 }),
        ("labels", { $0.labels = (0..<32).map { "l\($0)" } }),
        ("label", { $0.labels = [String(repeating: "x", count: 100)] }),
        ("env", { $0.environment = Dictionary(uniqueKeysWithValues: (0..<200).map { ("V\($0)", "") }) }),
        ("env bytes", { $0.environment = ["A": String(repeating: "x", count: 65_535)] }),
        ("env names", { $0.environment = ["_": "", "a1": "\n", "MINI_CIX": "", "Z_9": "ü"] }),
    ]

    private static let exceeding: [(String, Change)] = [
        ("command", { $0.command = String(repeating: "x", count: 65_537) }), ("command", { $0.command = "" }),
        ("command", { $0.command = " \n\t" }), ("command", { $0.command = "a\u{0}b" }),
        ("priority", { $0.priority = -1001 }), ("priority", { $0.priority = 1001 }),
        ("priority", { $0.priority = .max }),
        ("timeout_s", { $0.timeoutSeconds = 0 }), ("timeout_s", { $0.timeoutSeconds = 86_401 }),
        ("timeout_s", { $0.timeoutSeconds = .min }), ("max_attempts", { $0.maxAttempts = 0 }),
        ("max_attempts", { $0.maxAttempts = 11 }), ("labels", { $0.labels = (0..<33).map { "l\($0)" } }),
        ("labels", { $0.labels = [""] }), ("labels", { $0.labels = ["a b"] }), ("labels", { $0.labels = ["ü"] }),
        ("labels", { $0.labels = [String(repeating: "x", count: 101)] }),
        ("env", { $0.environment = Dictionary(uniqueKeysWithValues: (0..<201).map { ("V\($0)", "") }) }),
        ("env", { $0.environment = ["A": String(repeating: "x", count: 65_536)] }),
        ("env", { $0.environment = ["": "x"] }), ("env", { $0.environment = ["1A": "x"] }),
        ("env", { $0.environment = ["A=B": "x"] }), ("env", { $0.environment = ["A\u{0}": "x"] }),
        ("env", { $0.environment = ["Ü": "x"] }), ("env", { $0.environment = ["A": "x\u{0}y"] }),
        ("env", { $0.environment = ["MINI_CI_X": "x"] }), ("env", { $0.environment = ["MINI_CI": "x"] }),
        ("repo_url", { $0.repository = "--upload-pack=x" }), ("repo_url", { $0.repository = "/srv/r" }),
        ("ref", { $0.ref = "a..b" }),
    ]

    @Test func everythingThatIsWrongIsSaidAtOnce() async {
        let wrong = Submission(
            repository: "ext::sh", ref: "-x", command: "", environment: ["1": "", "MINI_CI_A": "\u{0}"],
            labels: ["ok", "a b", "c d"], priority: 9999, timeoutSeconds: 0, maxAttempts: 0)
        let problems = await problems(of: wrong)
        #expect(
            problems.map(\.field) == [
                "command", "priority", "timeout_s", "max_attempts", "env", "env", "env", "repo_url", "ref", "labels",
                "labels",
            ])
        #expect(problems.allSatisfy { !$0.message.isEmpty })
    }

    @Test func nothingIsWrittenOfARefusedSubmission() async throws {
        var asked = submission
        asked.command = ""
        _ = await problems(of: asked)
        #expect(try await house.services.readBuilds.list(BuildQuery(limit: 10)).builds.isEmpty)
    }

    @Test func localRepositoriesAreForThoseWhoAllowThem() async throws {
        var limits = SubmitLimits()
        limits.allowsLocalRepositories = true
        var asked = submission
        asked.repository = "/srv/r"
        #expect(try await House(limits: limits).services.submitBuild(asked, key: nil).build.repository.isLocal)
    }

    private func problems(of submission: Submission) async -> [InvalidInput] {
        do {
            _ = try await house.services.submitBuild(submission, key: nil)
            return []
        } catch {
            if case .invalid(let problems) = error { return problems }
            return [InvalidInput(field: "\(error)", message: "")]
        }
    }
}

@Suite struct IdempotencyTests {
    private let house = House()

    @Test func aRepeatedSubmitReturnsTheFirstBuild() async throws {
        var asked = submission
        asked.environment = Dictionary(uniqueKeysWithValues: (0..<50).map { ("V\($0)", "\($0)") })
        asked.labels = ["a", "b", "c"]
        let first = try await house.services.submitBuild(asked, key: "k")
        var same = asked
        same.environment = Dictionary(uniqueKeysWithValues: (0..<50).reversed().map { ("V\($0)", "\($0)") })
        same.labels = ["c", "a", "b"]
        let second = try await house.services.submitBuild(same, key: "k")
        #expect(first.isNew && !second.isNew)
        #expect(first.build == second.build)
        #expect(try await house.services.submitBuild(asked, key: "other").isNew)
        #expect(try await house.services.submitBuild(asked, key: nil).isNew)
    }

    @Test func aKeyIsForOneSubmission() async throws {
        var asked = submission
        asked.environment = ["A": "1", "B": "2"]
        asked.labels = ["a", "b"]
        let first = try await house.services.submitBuild(asked, key: "k").build
        let changes: [@Sendable (inout Submission) -> Void] = [
            { $0.repository += "x" }, { $0.ref += "x" }, { $0.command += "x" }, { $0.environment["C"] = "" },
            { $0.environment = ["A": "2", "B": "1"] }, { $0.environment = ["A": "1, B=2"] }, { $0.environment = [:] },
            { $0.labels = ["a"] }, { $0.labels = ["a-b"] }, { $0.priority = 0 }, { $0.timeoutSeconds = 3600 },
            { $0.maxAttempts = 1 }, { $0.priority = 5 },
            {
                $0.ref = "m"
                $0.command = "ainmake test"
            },
        ]
        for (index, change) in changes.enumerated() {
            var other = asked
            change(&other)
            await #expect(throws: UseCaseError.keyTaken(first.id), "change \(index)") {
                try await house.services.submitBuild(other, key: "k")
            }
        }
    }

    @Test(arguments: ["", " ", "a b", "ü", "a\n", String(repeating: "x", count: 256)])
    func unusableKeysAreRefused(key: String) async {
        await #expect { try await house.services.submitBuild(submission, key: key) } throws: { error in
            guard case UseCaseError.invalid(let problems) = error else { return false }
            return problems.map(\.field) == ["Idempotency-Key"]
        }
    }

    @Test func theLongestKeyIsAccepted() async throws {
        let key = String(repeating: "~", count: 255)
        #expect(try await house.services.submitBuild(submission, key: key).isNew)
    }
}
