import APISchema
import BuildDomain
import Foundation
import GRDB
import ScenarioSupport
import Testing

/// Where `mini-ci up` cannot start it says why, in a sentence.
@Suite(.serialized, .timeLimit(.minutes(3))) struct StartTests {
    @Test func aSecondOneOnTheSameFolderIsRefused() async throws {
        try await Scene.play { scene in
            let up = try await scene.up()
            let second = try await scene.miniCI(["up", "--port", "0", "--data", up.data])
            expectSentence(second, containing: "already runs with the data folder \(up.data), at \(up.url);")
            #expect(second.error.contains("--data"))
            // The first one is none the worse for it.
            #expect(try await up.run(try await scene.repository(), "true").build.status == .success)
            #expect(try await scene.miniCI(up, "builds").status == 0)
        }
    }

    @Test func aPortThatIsTakenIsNamed() async throws {
        try await Scene.play { scene in
            let up = try await scene.up()
            let second = try await scene.miniCI(["up", "--port", up.port, "--data", scene.path("other")])
            expectSentence(second, containing: "port \(up.port) on 127.0.0.1 is in use; choose another with --port")
        }
    }

    @Test func aNewerSchemaIsLeftAlone() async throws {
        try await Scene.play { scene in
            let up = try await scene.up()
            #expect(try await up.drain() == 0)
            let database = try DatabaseQueue(path: up.data + "/mini-ci.db")
            try await database.write { database in
                try database.execute(
                    sql: """
                        INSERT INTO schema_migrations (version, name, checksum, started_at, finished_at)
                        SELECT 999, 'later', checksum, started_at, finished_at FROM schema_migrations LIMIT 1
                        """)
            }
            try database.close()
            let refused = try await scene.miniCI(["up", "--port", "0", "--data", up.data])
            expectSentence(refused, containing: "newer mini-ci")
            #expect(refused.error.contains("999"))
        }
    }

    @Test func aFolderThatCannotBeMadeIsNamed() async throws {
        try await Scene.play { scene in
            try scene.write("no folder".utf8, to: "file")
            let refused = try await scene.miniCI(["up", "--port", "0", "--data", scene.path("file/data")])
            expectSentence(refused, containing: scene.path("file"))
        }
    }

    private func expectSentence(_ ending: Ending, containing words: String) {
        #expect(ending.status == 3)
        #expect(ending.text.isEmpty)
        #expect(ending.error.contains(words), "\(ending.error)")
        let last = ending.error.split(separator: "\n").last ?? ""
        #expect(last.hasPrefix("mini-ci: "), "\(ending.error)")
    }
}
