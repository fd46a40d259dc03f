import BuildDomain
import Foundation
import GRDB
import Orchestration
@testable import SQLiteStore
import Testing

@Suite(.timeLimit(.minutes(1))) struct SQLiteFileTests {
    @Test func everythingIsThereAfterReopening() async throws {
        try await SQLiteFile.use { file in
            var before: Build?
            var attempt: AttemptReference?
            try await file.withStore { test in
                let started = try await test.start(Fixture.seed([Fixture.spec(maxAttempts: 2)]))
                _ = try await test.store.append(Fixture.chunk(1...3), to: started.attempt)
                try await test.finish(
                    started, Fixture.end(.failed, reason: .script, exitCode: 1, extent: Fixture.chunk(1...3).end))
                before = try await test.store.build(started.build)
                attempt = started
            }
            let started = try #require(attempt)
            try await file.withStore { test in
                #expect(try await test.store.build(started.build) == before)
                #expect(try await test.store.log(of: started.attempt, from: 1, byteLimit: 9) == [Fixture.chunk(1...3)])
                let history = try await test.store.history(of: started.build)
                #expect(try Build(replaying: history) == before)
                #expect(try await test.claim().map(\.job) == [started.job])
            }
        }
    }

    @Test func theFilesAreTheOwnersAlone() async throws {
        try await SQLiteFile.use { file in
            try await file.withStore { test in
                try await test.submit()
                for name in [file.path, file.path + "-wal", file.path + "-shm"] {
                    let mode = try FileManager.default.attributesOfItem(atPath: name)[.posixPermissions]
                    #expect((mode as? NSNumber)?.intValue == 0o600, "\(name)")
                }
            }
        }
    }

    @Test func aStoppedStoreIsOneFile() async throws {
        try await SQLiteFile.use { file in
            var build: BuildID?
            try await file.withStore { test in
                build = try await test.submit().id
                // Each way of reading has connections of its own.
                try await concurrently(8) { _ in _ = try await test.store.storedIDs(before: nil, limit: 9) }
            }
            let folder = (file.path as NSString).deletingLastPathComponent
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["test.db"])
            try await file.withStore { test in
                let ids = try await test.store.storedIDs(before: nil, limit: 9)
                #expect(ids == [build?.description])
            }
        }
    }

    @Test func aFolderThatIsNotThereIsSaid() async throws {
        await #expect {
            try await SQLiteStore.open(path: "/nowhere/at/all.db", hub: SignalHub(), clock: SystemClock())
        } throws: { error in
            error as? StoreError == .unavailable("/nowhere/at/all.db cannot be opened: No such file or directory")
        }
    }

    @Test func aClosedStoreTakesNothing() async throws {
        try await SQLiteFile.use { file in
            let store = try await file.open()
            try await store.migrate()
            await store.close()
            let test = StoreUnderTest(store: store, hub: file.hub)
            await #expect(throws: StoreError.unavailable("the store is closed")) { try await test.submit() }
        }
    }

    @Test func aStoreWithoutTablesIsNotUsable() async throws {
        try await SQLiteFile.use { file in
            let store = try await file.open()
            await #expect { try await store.check() } throws: { error in
                if case .broken(let message) = error as? StoreError { message.contains("no such table") } else { false }
            }
            await store.close()
        }
    }

    @Test(arguments: [
        ("UPDATE jobs SET steps = '[{\"uses\":\"magic\"}]'", "jobs", "steps"),
        ("UPDATE jobs SET env = '{\"A\":1}'", "jobs", "env"),
        ("UPDATE attempts SET commit_sha = '\(String(repeating: "z", count: 40))'", "attempts", "commit_sha"),
        ("UPDATE attempts SET worker_id = '\(String(repeating: "-", count: 36))'", "attempts", "worker_id"),
    ])
    func aDamagedRowIsNamed(sql: String, table: String, column: String) async throws {
        try await SQLiteFile.use { file in
            try await file.withStore { test in
                let attempt = try await test.start()
                try await file.execute(sql)
                await #expect { try await test.store.build(attempt.build) } throws: { error in
                    guard case .broken(let message) = error as? StoreError else { return false }
                    return message.hasPrefix("\(table) ") && message.contains("column \(column) ")
                }
            }
        }
    }

    @Test func everyCommitReachesTheDisk() async throws {
        try await SQLiteFile.use { file in
            let store = try await file.open()
            let settings = try await store.pool.writeWithoutTransaction { database in
                [
                    try String.fetchOne(database, sql: "PRAGMA journal_mode"),
                    try String.fetchOne(database, sql: "PRAGMA synchronous"),
                    try String.fetchOne(database, sql: "PRAGMA foreign_keys"),
                ]
            }
            #expect(settings == ["wal", "2", "1"])
            await store.close()
        }
    }

    @Test func escapesInColumnsAreRead() async throws {
        try await SQLiteFile.use { file in
            try await file.withStore { test in
                let build = try await test.submit().id
                let json = #"{ "A" : "\u00e9\ud83d\ude42\t\/\"\\", "B":"" }"#
                try await file.execute("UPDATE jobs SET env = '\(json)'")
                let environment = try await test.store.build(build).jobs[0].spec.environment
                #expect(environment == ["A": "é🙂\t/\"\\", "B": ""])
            }
        }
    }

    @Test func aFullQueueRefuses() async throws {
        try await SQLiteFile.use { file in
            var settings = SQLiteSettings()
            settings.maximumQueuedWrites = 0
            let store = try await SQLiteStore.open(
                path: file.path, hub: file.hub, clock: SystemClock(), settings: settings)
            await #expect(throws: StoreError.unavailable("too many writes are waiting for the disk")) {
                try await store.check()
            }
            await store.close()
        }
    }
}
