import APIClient
import APISchema
import BuildDomain
import Foundation
import ScenarioSupport
import Testing

/// What the command line says about builds to the person who asked.
@Suite(.serialized, .timeLimit(.minutes(3))) struct AnswerTests {
    @Test func whatIsNotThereIsNamed() async throws {
        try await Scene.play { scene in
            let up = try await scene.up()
            let build = try await up.run(try await scene.repository(), "true").build
            let step = try await scene.miniCI(up, "logs", "--step", "9", "\(build.id)")
            #expect(step.status == 3)
            #expect(step.error == "mini-ci: attempt 1 of build \(build.id) has no step 9; it has 2\n")
            #expect(try await scene.miniCI(up, "logs", "--step", "2", "\(build.id)").status == 0)
            let late = try await scene.miniCI(up, "cancel", "\(build.id)")
            #expect(late.status == 3)
            #expect(late.error == "mini-ci: build \(build.id) has ended already: success\n")
            let unknown = try await scene.miniCI(up, "show", "01993b5e-0a52-7c61-9a64-0d6f5b7d2c11")
            #expect(unknown.status == 3)
            #expect(unknown.error.contains("`mini-ci builds`"), "\(unknown.error)")
            #expect(!unknown.error.contains("GET"), "\(unknown.error)")
        }
    }

    @Test func whoComesWithoutATokenHearsHowToGiveOne() async throws {
        try await Scene.play { scene in
            let up = try await scene.up()
            let arguments = ["builds", "--server", up.url, "--data", scene.path("empty")]
            let refused = try await scene.miniCI(arguments)
            #expect(refused.status == 3)
            #expect(refused.error.contains("--token-file"), "\(refused.error)")
            #expect(!refused.error.contains("Bearer"), "\(refused.error)")
            let secure = up.url.replacing("http://", with: "https://")
            let wrong = try await scene.miniCI(up, "builds", "--server", secure)
            #expect(wrong.status == 3)
            #expect(
                wrong.error == "mini-ci: what listens at \(secure) does not speak TLS; try \(up.url)\n",
                "\(wrong.error)")
        }
    }

    @Test func refusedFieldsHaveTheNamesOfTheFlags() async throws {
        try await Scene.play { scene in
            let up = try await scene.up()
            let refused = try await scene.miniCI(
                up, "submit", "--repo", try await scene.repository().path, "--command", "true", "--timeout", "1000d",
                "--max-attempts", "1000")
            #expect(refused.status == 2)
            let lines = refused.error.split(separator: "\n").sorted()
            #expect(lines.count == 2, "\(refused.error)")
            #expect(lines.first?.hasPrefix("mini-ci: --max-attempts ") == true, "\(refused.error)")
            #expect(lines.last?.hasPrefix("mini-ci: --timeout ") == true, "\(refused.error)")
        }
    }

    @Test func whatIsNotCommittedIsSaidToBeMissing() async throws {
        try await Scene.play { scene in
            let up = try await scene.up()
            let repository = try await scene.repository()
            let submit = [
                "submit", "--repo", repository.path, "--command", "true", "--server", up.url, "--data", up.data,
            ]
            let clean = try await scene.miniCI(submit)
            #expect(clean.status == 0)
            #expect(!clean.error.contains("uncommitted"), "\(clean.error)")
            try Data("new".utf8).write(to: URL(fileURLWithPath: repository.path + "/new"))
            let changed = try await scene.miniCI(submit)
            #expect(changed.error.contains("note: uncommitted changes are not in it"), "\(changed.error)")
            let other = try await scene.miniCI(submit + ["--ref", repository.commit])
            #expect(!other.error.contains("uncommitted"), "\(other.error)")
        }
    }
}
