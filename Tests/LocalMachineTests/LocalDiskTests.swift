import BuildDomain
import Foundation
import Glibc
import LocalMachine
import Orchestration
import Testing

/// What a job leaves in its workspace is removed, whatever it is.
struct LocalDiskTests {
    private let folder: String
    private let attempt = AttemptID(high: 0x0190_0000_0000_7000, low: 0x8000_0000_0000_0001)

    init() throws {
        folder = NSTemporaryDirectory() + "/mini-ci-disk-\(UInt64.random(in: .min ... .max))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    private func leave(_ script: String) async throws {
        let disk = try LocalDisk(root: folder + "/worker")
        let prepared = try await disk.prepare(attempt)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-e", "-c", script]
        process.currentDirectoryURL = URL(fileURLWithPath: prepared.workspace)
        process.environment = ["PATH": "/usr/bin:/bin", "OUTSIDE": folder]
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        try await disk.remove(attempt)
        #expect(access(folder + "/worker/attempts/\(attempt)", F_OK) != 0)
    }

    @Test func anOrdinaryTreeIsRemoved() async throws {
        try await leave("mkdir -p a/b c && echo 1 > a/b/file && echo 2 > .hidden && chmod 000 a/b/file")
        try FileManager.default.removeItem(atPath: folder)
    }

    @Test func foldersWithoutPermissionsAreRemoved() async throws {
        try await leave("mkdir -p a/b && echo 1 > a/b/file && chmod 000 a/b && chmod 555 a")
        try FileManager.default.removeItem(atPath: folder)
    }

    @Test func linksAreNotFollowed() async throws {
        try await leave("mkdir $OUTSIDE/precious && echo 1 > $OUTSIDE/precious/file && ln -s $OUTSIDE/precious link")
        #expect(access(folder + "/precious/file", F_OK) == 0)
        try FileManager.default.removeItem(atPath: folder)
    }

    @Test func namesThatAreNoTextAreRemoved() async throws {
        try await leave(#"mkdir "$(printf 'a\377b')" && echo 1 > "$(printf 'a\377b/\001')""#)
        try FileManager.default.removeItem(atPath: folder)
    }

    @Test func aTreeDeeperThanDescriptorsAndStackIsRemoved() async throws {
        try await leave(
            """
            perl -e 'for (1..5000) { mkdir "d" or die $!; chdir "d" or die $! } open F, ">", "file" or die $!'
            """)
        try FileManager.default.removeItem(atPath: folder)
    }

    /// The path of the attempt's folder is just short enough for the system, those of what belongs in it are not.
    @Test func nothingIsLeftOfAFolderThatCouldNotBeFilled() async throws {
        let longest = Int(PATH_MAX) - 1
        var root = folder
        let attempts = "/attempts/"
        let length = longest - attempts.utf8.count - attempt.description.utf8.count
        while root.utf8.count < length {
            root += "/" + String(repeating: "x", count: min(200, length - root.utf8.count - 1))
        }
        let disk = try LocalDisk(root: root)
        await #expect(throws: DiskError.self) { try await disk.prepare(attempt) }
        #expect(try FileManager.default.contentsOfDirectory(atPath: root + attempts).isEmpty)
        try Files.removeTree(folder)
    }

    @Test func aFolderThatIsThereIsNotTakenAwayFromItsAttempt() async throws {
        let disk = try LocalDisk(root: folder + "/worker")
        let prepared = try await disk.prepare(attempt)
        await #expect(throws: DiskError.self) { try await disk.prepare(attempt) }
        #expect(access(prepared.workspace, F_OK) == 0)
        try FileManager.default.removeItem(atPath: folder)
    }

    @Test func twoWorkersCannotShareAFolder() throws {
        let first = try LocalDisk(root: folder + "/worker")
        #expect(throws: DiskError.self) { try LocalDisk(root: folder + "/worker") }
        withExtendedLifetime(first) {}
        try FileManager.default.removeItem(atPath: folder)
    }

    @Test func aWorkerKeepsItsIdentity() throws {
        let made = WorkerID(high: 0x0190_0000_0000_7000, low: 0x8000_0000_0000_0002)
        do {
            let disk = try LocalDisk(root: folder + "/worker")
            #expect(try disk.identity { made } == made)
        }
        let again = try LocalDisk(root: folder + "/worker")
        #expect(try again.identity { WorkerID(high: 0, low: 0) } == made)
        try FileManager.default.removeItem(atPath: folder)
    }

    @Test func whatDeadAttemptsLeftIsRemovedAtTheStart() async throws {
        do {
            let disk = try LocalDisk(root: folder + "/worker")
            _ = try await disk.prepare(attempt)
        }
        _ = try LocalDisk(root: folder + "/worker")
        #expect(access(folder + "/worker/attempts/\(attempt)", F_OK) != 0)
        try FileManager.default.removeItem(atPath: folder)
    }
}
