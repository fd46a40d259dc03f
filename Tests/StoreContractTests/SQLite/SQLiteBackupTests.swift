import BuildDomain
import Foundation
import GRDB
import Orchestration
import SQLiteStore
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1))) struct SQLiteBackupTests {
    @Test func theCopyIsTheDatabaseAsItWas() async throws {
        try await SQLiteFile.use { file in
            try await file.withStore { test in
                let all = try await test.everything()
                let copy = file.backup
                let report = try await SQLiteBackup.copy(file.path, to: copy.path, replaces: false)
                let size = try FileManager.default.attributesOfItem(atPath: copy.path)[.size] as? NSNumber
                #expect(report.size == size?.int64Value)
                #expect(report.version == 2)
                #expect(report.problem == nil)
                #expect(try file.names == ["backup.db", "test.db", "test.db-shm", "test.db-wal"])
                let original = try await test.store.build(all.running.build)
                try await test.finish(all.running, Fixture.sealed(chunks: StoreUnderTest.chunks))
                try await copy.withStore { copied in
                    #expect(try await copied.store.build(all.running.build) == original)
                    #expect(try await copied.verify().findings.isEmpty)
                    #expect(try await copied.verify().counts.builds == Everything.builds)
                    // And it goes on from there.
                    try await copied.finish(all.running, Fixture.sealed(chunks: StoreUnderTest.chunks))
                }
            }
        }
    }

    @Test func whatOthersWriteMeanwhileNeitherComesInNorHoldsItUp() async throws {
        try await SQLiteFile.use { file in
            try await file.withStore { test in
                for _ in 0..<20 { try await test.submit() }
                let path = file.path
                let steps = Mutex(0)
                // Written between all steps by another connection, as by another process.
                _ = try await SQLiteBackup.copy(file.path, to: file.backup.path, replaces: false, pagesPerStep: 1) {
                    _, _ in
                    let number = steps.withLock { steps in
                        steps += 1
                        return steps
                    }
                    do {
                        let queue = try DatabaseQueue(path: path)
                        try queue.write { try $0.execute(sql: "UPDATE builds SET priority = \(number)") }
                    } catch { Issue.record("\(error)") }
                }
                #expect(steps.withLock { $0 } > 5)
                #expect(try await file.strings("SELECT DISTINCT priority FROM builds") != ["0"])
                #expect(try await file.backup.strings("SELECT DISTINCT priority FROM builds") == ["0"])
            }
        }
    }

    @Test func everythingThatWasAcknowledgedBeforeIsInIt() async throws {
        try await SQLiteFile.use { file in
            try await file.withStore { test in
                let writers = Writers()
                try await withThrowingTaskGroup(of: Void.self) { tasks in
                    tasks.addTask {
                        try await concurrently(4) { _ in
                            while !writers.areDone {
                                let attempt = try await test.logged()
                                try await test.finish(attempt, Fixture.sealed(chunks: StoreUnderTest.chunks))
                                writers.acknowledge(attempt.build)
                            }
                        }
                    }
                    tasks.addTask {
                        defer { writers.finish() }
                        for _ in 0..<5 {
                            let before = writers.acknowledged
                            _ = try await SQLiteBackup.copy(file.path, to: file.backup.path, replaces: true)
                            try await file.backup.withStore { copied in
                                let findings = try await copied.verify().findings
                                #expect(findings.isEmpty)
                                for id in before {
                                    let status = try await copied.store.build(id).status
                                    #expect(status == .success)
                                }
                            }
                        }
                    }
                    try await tasks.waitForAll()
                }
                #expect(!writers.acknowledged.isEmpty)
            }
        }
    }

    @Test func aDatabaseThatNobodyUsesIsLeftAsItWas() async throws {
        try await SQLiteFile.use { file in
            try await file.withStore { test in _ = try await test.submit() }
            let before = FileManager.default.contents(atPath: file.path)
            try await file.copy(to: file.backup.path)
            #expect(try file.names == ["backup.db", "test.db"])
            #expect(FileManager.default.contents(atPath: file.path) == before)
        }
    }

    @Test func theCopyIsTheOwnersAlone() async throws {
        try await SQLiteFile.use { file in
            try await file.withStore { _ in
                // Also where a killed backup left a draft that everybody may read, and a journal of its own.
                for suffix in [".new", ".new-journal", ".new-wal"] {
                    let made = FileManager.default.createFile(
                        atPath: file.backup.path + suffix, contents: Data("old".utf8),
                        attributes: [.posixPermissions: 0o666])
                    #expect(made)
                }
                _ = try await SQLiteBackup.copy(file.path, to: file.backup.path, replaces: false)
                let mode = try FileManager.default.attributesOfItem(atPath: file.backup.path)[.posixPermissions]
                #expect((mode as? NSNumber)?.intValue == 0o600)
                #expect(try file.names == ["backup.db", "test.db", "test.db-shm", "test.db-wal"])
            }
        }
    }
}

/// What stands in the way, and that nothing is harmed by it.
@Suite(.timeLimit(.minutes(1))) struct SQLiteBackupRefusalTests {
    @Test func aFileThatIsThereIsOnlyReplacedWhenThatWasAsked() async throws {
        try await SQLiteFile.use { file in
            try await file.withStore { test in
                try await test.submit()
                try Data("precious".utf8).write(to: URL(fileURLWithPath: file.backup.path))
                await expectRefusal("is there already") { try await file.copy(to: file.backup.path) }
                #expect(FileManager.default.contents(atPath: file.backup.path) == Data("precious".utf8))
                _ = try await SQLiteBackup.copy(file.path, to: file.backup.path, replaces: true)
                #expect(try await file.backup.strings("SELECT count(*) FROM builds") == ["1"])
            }
        }
    }

    @Test(arguments: ["", "-wal", "-shm"])
    func theDatabaseItselfIsNeverReplaced(suffix: String) async throws {
        try await SQLiteFile.use { file in
            try await file.withStore { test in
                try await test.submit()
                let link = file.folder + "/link"
                try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: file.path + suffix)
                for target in [file.path + suffix, link] {
                    await expectRefusal("is the database itself") { try await file.copy(to: target, replaces: true) }
                }
                #expect(try await test.store.storedIDs(before: nil, limit: 9).count == 1)
            }
        }
    }

    /// One that another `up` has open, say: its log would be taken for the copy's.
    @Test(arguments: [false, true])
    func aDatabaseInUseIsNotReplaced(replaces: Bool) async throws {
        try await SQLiteFile.use { file in
            try await file.withStore { _ in
                try await file.backup.withStore { other in
                    let build = try await other.submit()
                    await expectRefusal("backup.db-wal is there") {
                        try await file.copy(to: file.backup.path, replaces: replaces)
                    }
                    #expect(try await other.store.build(build.id) == build)
                }
                await expectRefusal("is there already") { try await file.copy(to: file.backup.path) }
                try await file.copy(to: file.backup.path, replaces: true)
            }
        }
    }

    @Test func foldersAreNoFiles() async throws {
        try await SQLiteFile.use { file in
            try await file.withStore { _ in
                await expectRefusal("is a folder") { try await file.copy(to: file.folder, replaces: true) }
                await expectRefusal("No such file or directory") {
                    try await file.copy(to: file.folder + "/not/there.db")
                }
            }
        }
    }

    @Test func aDatabaseThatIsNotThereIsNotMade() async throws {
        try await SQLiteFile.use { file in
            await expectRefusal("No such file or directory") { try await file.copy(to: file.backup.path) }
            let names = try file.names
            #expect(names.isEmpty)
        }
    }

    @Test func aDamagedDatabaseGivesNoBackup() async throws {
        try await SQLiteFile.use { file in
            try await file.withStore { test in for _ in 0..<50 { try await test.submit() } }
            let handle = try #require(FileHandle(forUpdatingAtPath: file.path))
            let root = try await file.strings("SELECT rootpage FROM sqlite_schema WHERE name = 'jobs'")
            let page = try #require(root.first.flatMap { UInt64($0) })
            try handle.seek(toOffset: (page - 1) * 8192)
            try handle.write(contentsOf: Data(repeating: 0xFF, count: 8192))
            try handle.close()
            await expectRefusal("neither the copy nor the database is sound") {
                try await file.copy(to: file.backup.path)
            }
            #expect(try !file.names.contains { $0.hasPrefix("backup") })
        }
    }

    @Test func anotherDatabaseIsNone() async throws {
        try await SQLiteFile.use { file in
            try await file.execute("CREATE TABLE mine (id INTEGER)")
            await expectRefusal("no database of mini-ci") { try await file.copy(to: file.backup.path) }
            #expect(try file.names == ["test.db"])
        }
    }

    @Test func aSchemaThatThisBinaryDoesNotKnowIsCopiedAndSaid() async throws {
        try await SQLiteFile.use { file in
            try await file.withStore { _ in
                try await file.execute(
                    """
                    INSERT INTO schema_migrations (version, name, checksum, started_at, finished_at)
                    VALUES (99, 'later', '\(String(repeating: "a", count: 64))', 1, 1)
                    """)
                let report = try await SQLiteBackup.copy(file.path, to: file.backup.path, replaces: false)
                #expect(report.version == 99)
                #expect(report.problem?.contains("newer mini-ci") == true)
            }
        }
    }

    @Test func twoBackupsDoNotWriteIntoOneFile() async throws {
        try await SQLiteFile.use { file in
            try await file.withStore { test in
                try await test.submit()
                let draft = open(file.backup.path + ".new", O_RDWR | O_CREAT, 0o600)
                #expect(flock(draft, LOCK_EX | LOCK_NB) == 0)
                await expectRefusal("another backup is writing") { try await file.copy(to: file.backup.path) }
                close(draft)
                _ = try await SQLiteBackup.copy(file.path, to: file.backup.path, replaces: false)
            }
        }
    }
}

private func expectRefusal(_ words: String, _ body: () async throws -> Void) async {
    await #expect { try await body() } throws: { error in
        switch error as? StoreError {
        case .unavailable(let message), .broken(let message): message.contains(words)
        default: false
        }
    }
}

extension SQLiteFile {
    fileprivate var folder: String { (path as NSString).deletingLastPathComponent }
    fileprivate var backup: SQLiteFile { SQLiteFile(path: folder + "/backup.db") }

    /// What is in the folder, by name.
    fileprivate var names: [String] {
        get throws { try FileManager.default.contentsOfDirectory(atPath: folder).sorted() }
    }

    fileprivate func copy(to target: String, replaces: Bool = false) async throws {
        _ = try await SQLiteBackup.copy(path, to: target, replaces: replaces)
    }
}
