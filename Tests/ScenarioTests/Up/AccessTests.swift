import APIClient
import APISchema
import BuildDomain
import Foundation
import ScenarioSupport
import Testing

/// Tokens as people deal with them.
@Suite(.serialized, .timeLimit(.minutes(3))) struct AccessTests {
    @Test func tokensAreMadeListedAndRevoked() async throws {
        try await Scene.play { scene in
            let up = try await scene.up()
            let repository = try await scene.repository()
            let made = try await scene.miniCI(up, "token", "create", "--role", "reader", "--name", "anna", "--json")
            let token = try JSONDecoder().decode(TokenView.self, from: Data(made.output))
            let asAnna = ["MINI_CI_TOKEN": try #require(token.token)]
            #expect(try await scene.miniCI(up, "builds", environment: asAnna).status == 0)
            let submit = try await scene.miniCI(
                up, "submit", "--repo", repository.path, "--command", "true", environment: asAnna)
            #expect(submit.status == 3)
            #expect(submit.error.contains("reader"), "\(submit.error)")
            #expect(try await scene.miniCI(up, "token", "list", environment: asAnna).status == 3)
            let listed = try await scene.miniCI(up, "token", "list")
            #expect(listed.text.contains("anna"))
            #expect(!listed.text.contains(try #require(token.token)))
            #expect(try await scene.miniCI(up, "token", "revoke", "\(token.id)").status == 0)
            let late = try await scene.miniCI(up, "builds", environment: asAnna)
            #expect(late.status == 3)
            #expect(late.error.contains("token"))
            #expect(try await up.client.builds().items.isEmpty)
        }
    }

    @Test func nothingChangesWithoutATokenAndTheAdminsIsPrivate() async throws {
        try await Scene.play { scene in
            let up = try await scene.up()
            let repository = try await scene.repository()
            let stranger = scene.keep(APIClient(server: try ServerAddress(up.url), token: nil))
            let request = BuildRequest(repoURL: repository.path, ref: "main", command: "true")
            let error = await #expect(throws: APIClientError.self) {
                _ = try await stranger.submit(request, key: nil)
            }
            #expect(error?.status == 401)
            let attributes = try FileManager.default.attributesOfItem(atPath: up.data + "/admin-token")
            #expect(attributes[.posixPermissions] as? Int == 0o600)
            #expect(!up.program.outputText.contains(up.token))
            #expect(!up.program.errorText.contains(up.token))
        }
    }

    @Test func theTokenOfTheFirstStartGoesOn() async throws {
        try await Scene.play { scene in
            let up = try await scene.up()
            #expect(try await up.drain() == 0)
            #expect(!FileManager.default.fileExists(atPath: up.data + "/server-url"))
            let next = try await scene.restart(up)
            #expect(next.token == up.token)
            #expect(try await next.client.builds().items.isEmpty)
        }
    }
}
