import Orchestration
import Testing

@testable import GitSource

@Suite("Refs and commits")
struct RefTests {
    @Test(arguments: Way.allCases)
    func checksOutABranch(way: Way) async throws {
        let scratch = try await Scratch()
        let log = Log()
        let commit = try await scratch.checkout("main", of: way.address(in: scratch), log: log)
        #expect(commit == (try await scratch.sh("git -C origin rev-parse HEAD")))
        #expect(try await scratch.sh("cat workspace/file workspace/sub/file") == "one\ntwo")
        #expect(log.text.hasSuffix("HEAD is now at \(commit.prefix(7)) First subject\n"))
    }

    @Test(arguments: Way.allCases)
    func checksOutTags(way: Way) async throws {
        let scratch = try await Scratch()
        let first = try await scratch.sh("cd origin; git tag light; git tag -am 'A release' v1.0; git rev-parse HEAD")
        _ = try await scratch.commit("Second")
        for tag in ["light", "v1.0", "refs/tags/v1.0"] {
            #expect(try await scratch.checkout(tag, of: way.address(in: scratch)) == first)
            #expect(try await scratch.sh("git -C workspace describe --tags --exact-match --match v1.0") == "v1.0")
        }
    }

    @Test(arguments: Way.allCases)
    func prefersABranchToATag(way: Way) async throws {
        let scratch = try await Scratch()
        try await scratch.sh("git -C origin tag both")
        let second = try await scratch.commit("Second", branch: "both")
        #expect(try await scratch.checkout("both", of: way.address(in: scratch)) == second)
        #expect(try await scratch.checkout("refs/tags/both", of: way.address(in: scratch)) != second)
    }

    @Test(arguments: Way.allCases)
    func checksOutAnyRefAndHEAD(way: Way) async throws {
        let scratch = try await Scratch()
        let second = try await scratch.commit("Second", branch: "proposal")
        try await scratch.sh(
            "cd origin; git update-ref refs/pull/7/head HEAD; git checkout -q main; git branch -qD proposal")
        let address = way.address(in: scratch)
        #expect(try await scratch.checkout("refs/pull/7/head", of: address) == second)
        let head = try await scratch.sh("git -C origin rev-parse HEAD")
        #expect(try await scratch.checkout("HEAD", of: address) == head)
    }

    @Test(arguments: Way.allCases)
    func checksOutACommitById(way: Way) async throws {
        let scratch = try await Scratch()
        let first = try await scratch.sh("git -C origin rev-parse HEAD")
        let second = try await scratch.commit("Second")
        for commit in [first, second, first] {
            #expect(try await scratch.checkout(commit, of: way.address(in: scratch)) == commit)
        }
        #expect(try await scratch.checkout("main", of: way.address(in: scratch), commit: first) == first)
        #expect(try await scratch.sh("cat workspace/file") == "one")
    }

    @Test(arguments: Way.allCases)
    func followsABranchThatMovesIsRewrittenAndDeleted(way: Way) async throws {
        let scratch = try await Scratch()
        let address = way.address(in: scratch)
        let first = try await scratch.checkout("main", of: address)
        let second = try await scratch.commit("Second")
        #expect(try await scratch.checkout("main", of: address) == second)
        let forced = try await scratch.sh(
            "cd origin; git reset -q --hard \(first); echo x > file; git commit -qam Rewritten; git rev-parse HEAD")
        #expect(try await scratch.checkout("main", of: address) == forced)
        // A retry builds the commit of the first attempt, even though no branch leads to it any more.
        #expect(try await scratch.checkout("main", of: address, commit: second) == second)
        try await scratch.sh("cd origin; git checkout -q --detach; git branch -qD main; git branch other")
        let message = try await scratch.failure(of: "main", of: address)
        #expect(message == "ref 'main' was not found in \(address) (branches there: other)")
    }

    @Test func aBranchMayTakeThePlaceOfAFolderOfBranches() async throws {
        let scratch = try await Scratch()
        let source = scratch.source()
        let one = try await scratch.commit("One", branch: "topic")
        #expect(try await scratch.checkout("topic", with: source) == one)
        try await scratch.sh("cd origin; git branch -m topic topic/part")
        #expect(try await scratch.checkout("topic/part", with: source) == one)
    }

    @Test(arguments: Way.allCases)
    func readsPackedRefs(way: Way) async throws {
        let scratch = try await Scratch()
        let first = try await scratch.sh(
            """
            cd origin; git tag -am x v1; git branch deep/er; git pack-refs --all; git gc -q; git tag -am y v2
            git rev-parse HEAD
            """)
        for ref in ["main", "deep/er", "v1", "v2"] {
            #expect(try await scratch.checkout(ref, of: way.address(in: scratch)) == first)
        }
        #expect(try await scratch.sh("git -C workspace tag") == "v1\nv2")
    }
}
