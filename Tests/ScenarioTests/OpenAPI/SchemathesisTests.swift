import Foundation
import ScenarioSupport
import Testing

/// The API keeps what `docs/openapi.yaml` promises, asked by somebody who read nothing else.
@Suite(.timeLimit(.minutes(5))) struct SchemathesisTests {
    @Test func schemathesisFindsNothing() async throws {
        try await Scene.play { scene in
            let tool = try Product.schemathesis()
            // Addresses that are made up must not be fetched.
            try scene.write("#!/bin/sh\necho there is no git here >&2\nexit 128\n".utf8, to: "git")
            #expect(chmod(scene.path("git"), 0o755) == 0)
            let up = try await scene.up(
                ["--development", "--long-poll", "100", "--log-level", "error"],
                environment: ["PATH": "\(scene.folder):/usr/bin:/bin"])
            let arguments = [
                "--config-file", Product.root + "/Tests/schemathesis.toml", "run", Product.root + "/docs/openapi.yaml",
                "--url", up.url, "--header", "Authorization: Bearer \(up.token)", "--max-examples", "5", "--seed", "1",
                "--generation-deterministic", "--phases", "examples,coverage,fuzzing",
                "--no-color",
            ]
            let ended = try await scene.run(
                tool, arguments, environment: ["NO_PROXY": "*", "PYTHONDONTWRITEBYTECODE": "1"], within: .seconds(240))
            #expect(ended.status == 0, "\(ended.text.suffix(12_000))\n\(ended.error.suffix(2000))")
            #expect(up.program.isRunning)
        }
    }
}
