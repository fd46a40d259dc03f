import Foundation
import Testing

@testable import mini_ci

@Suite struct GitHeadTests {
    private let root = FileManager.default.temporaryDirectory.appendingPathComponent(
        "mini-ci-head-\(UUID().uuidString)")

    private func write(_ text: String, to path: String) throws {
        let file = root.appendingPathComponent(path)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
    }

    @Test func theBranchIsReadWithoutGit() throws {
        defer { try? FileManager.default.removeItem(at: root) }
        try write("ref: refs/heads/feature/x\n", to: "a/.git/HEAD")
        try write("", to: "a/sub/file")
        let sha = String(repeating: "ab", count: 20)
        try write(sha + "\n", to: "detached/.git/HEAD")
        try write("gitdir: ../a/.git/worktrees/w\n", to: "w/.git")
        try write("ref: refs/heads/w\n", to: "a/.git/worktrees/w/HEAD")
        try write("ref: refs/heads/bare\n", to: "bare.git/HEAD")
        try write("", to: "bare.git/objects/x")
        func ref(_ folder: String) throws -> String? {
            let argument = try RepositoryArgument(root.appendingPathComponent(folder).path)
            return argument.folder.flatMap(GitHead.ref)
        }
        #expect(try ref("a") == "feature/x")
        #expect(try ref("a/sub") == "feature/x")
        #expect(try ref("detached") == sha)
        #expect(try ref("w") == "w")
        #expect(try ref("bare.git") == "bare")
        let inside = try RepositoryArgument(root.appendingPathComponent("a/sub").path)
        #expect(inside.address == root.appendingPathComponent("a").path)
        #expect(throws: CommandFailure.self) { try RepositoryArgument("/proc/self") }
    }

    @Test func theRepositoryAroundAFolderThatIsNotThereIsNotMeant() throws {
        defer { try? FileManager.default.removeItem(at: root) }
        try write("ref: refs/heads/main\n", to: "a/.git/HEAD")
        let typo = root.appendingPathComponent("a/typo").path
        let failure = #expect(throws: CommandFailure.self) { try RepositoryArgument(typo) }
        #expect(failure?.message == "--repo: \(typo) does not exist")
        #expect(failure?.ending == .usage)
    }
}
