import APIClient
import APISchema
import BuildDomain
import Foundation
import ScenarioSupport
import Testing

/// What may be submitted, and what comes of submitting it twice.
@Suite(.serialized, .timeLimit(.minutes(3))) struct SubmissionTests {
    @Test func aRepeatedSubmitReturnsTheFirstBuild() async throws {
        try await Scene.play { scene in
            let up = try await scene.up()
            let repository = try await scene.repository()
            let first = try await up.submit(repository, "true", key: "once")
            _ = try await up.end(of: first.id)
            let again = try await up.submit(repository, "true", key: "once")
            #expect(again.id == first.id)
            #expect(again.status == .success)
            let error = await #expect(throws: APIClientError.self) {
                _ = try await up.submit(repository, "false", key: "once")
            }
            #expect(error?.status == 409)
            #expect(try await up.client.builds().items.count == 1)
        }
    }

    @Test func whatGitCouldTakeForSomethingElseIsRefusedBeforeGitIsCalled() async throws {
        try await Scene.play { scene in
            let spy = "#!/bin/sh\necho \"$@\" >>'\(scene.path("calls"))'\nexec /usr/bin/git \"$@\"\n"
            try scene.write(spy.utf8, to: "git")
            #expect(chmod(scene.path("git"), 0o755) == 0)
            let up = try await scene.up(environment: ["PATH": "\(scene.folder):/usr/bin:/bin"])
            let repository = try await scene.repository()
            let addresses = [
                "--upload-pack=touch pwned", "-u", "ext::sh -c 'touch pwned'", "ext::sh", "https://h/a\nb",
                "https://user:password@h/x.git", "ssh://-oProxyCommand=touch/x", "-oProxyCommand=x@h:p", "ftp://h/x",
                "file://host/x", "https://h/\u{1B}[31m", "", "fd::17/x",
            ]
            for address in addresses {
                try await expectRefusal(of: address, "main", field: "repo_url", by: up)
            }
            for ref in ["--upload-pack=x", "-b", "a..b", "main\u{1}", "refs/heads/../x", "a b", "x:y", "+x:y", ""] {
                try await expectRefusal(of: repository.path, ref, field: "ref", by: up)
            }
            #expect(!FileManager.default.fileExists(atPath: scene.path("calls")))
            #expect(try await up.client.builds().items.isEmpty)
            // The trap works: a build does call git.
            #expect(try await up.run(repository, "true").build.status == .success)
            #expect(FileManager.default.fileExists(atPath: scene.path("calls")))
        }
    }

    private func expectRefusal(of address: String, _ ref: String, field: String, by up: Server) async throws {
        let request = BuildRequest(repoURL: address, ref: ref, command: "true")
        let error = await #expect(throws: APIClientError.self, "\(address) \(ref)") {
            _ = try await up.client.submit(request, key: nil)
        }
        guard case .refused(_, let problem)? = error else {
            Issue.record("\(address) \(ref): \(error.map { "\($0)" } ?? "accepted")")
            return
        }
        #expect(problem.status == 400)
        #expect(problem.errors?.map(\.field) == [field])
        #expect(problem.errors?.allSatisfy { $0.message.count > 5 } ?? false)
    }

    @Test func localRepositoriesAreRefusedWhereTheyAreTurnedOff() async throws {
        try await Scene.play { scene in
            let up = try await scene.up(["--no-allow-local-repositories"])
            let repository = try await scene.repository()
            let refused = try await scene.miniCI(up, "submit", "--repo", repository.path, "--command", "true")
            #expect(refused.status == 2)
            #expect(refused.error.split(separator: "\n").count == 1, "\(refused.error)")
            #expect(refused.error.hasPrefix("mini-ci: --repo "), "\(refused.error)")
            #expect(refused.error.contains("--allow-local-repositories"), "\(refused.error)")
        }
    }
}
