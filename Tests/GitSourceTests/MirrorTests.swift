import Orchestration
import Testing

@testable import GitSource

@Suite("Mirrors")
struct MirrorTests {
    @Test func oneRepositoryIsCheckedOutByManyAtOnce() async throws {
        let scratch = try await Scratch()
        let commit = try await scratch.sh("git -C origin rev-parse HEAD")
        // Two sources on one folder, as two workers would be.
        let sources = [scratch.source(), scratch.source()]
        try await withThrowingTaskGroup(of: String.self) { group in
            for number in 0..<16 {
                group.addTask {
                    try await scratch.checkout("main", into: "w\(number)", with: sources[number % 2])
                }
            }
            for try await checkedOut in group { #expect(checkedOut == commit) }
        }
        let report = try await scratch.sh("for w in w*; do git -C $w status --porcelain; done; cat w0/file w15/file")
        #expect(report == "one\none")
    }

    @Test(arguments: [
        ("rm MIRROR/HEAD", "is incomplete"),
        ("rm -r MIRROR/objects", "is incomplete"),
        (": > MIRROR/config", "is incomplete"),
        ("echo '[broken' > MIRROR/config", "is damaged"),
        ("echo garbage > MIRROR/HEAD", "is damaged"),
        // Git itself fetches what is gone altogether.
        ("rm -f MIRROR/objects/pack/*", ""),
        ("cd MIRROR/objects/pack; chmod u+w *; printf x | dd of=$(ls *.pack) bs=1 seek=20 conv=notrunc", "is damaged"),
        ("for p in MIRROR/objects/pack/*.idx; do chmod u+w $p; : > $p; done", "is damaged"),
    ])
    func aDamagedMirrorHeals(damage: String, words: String) async throws {
        let scratch = try await Scratch()
        let first = try await scratch.checkout("main")
        try await scratch.sh(damage.replacing("MIRROR", with: scratch.mirror))
        let log = Log()
        #expect(try await scratch.checkout("main", log: log) == first)
        #expect(words.isEmpty || log.text.contains("The mirror of git://test/origin \(words)"))
        #expect(try await scratch.sh("cat workspace/file; git -C workspace fsck 2>&1") == "one")
        let second = try await scratch.commit("Second")
        #expect(try await scratch.checkout("main") == second)
    }

    @Test func locksOfAKilledFetchAreRemoved() async throws {
        let scratch = try await Scratch()
        _ = try await scratch.checkout("main")
        let second = try await scratch.commit("Second")
        try await scratch.sh(
            """
            cd '\(scratch.mirror)'; for ref in refs/mini-ci/*; do : > "$ref.lock"; done; : > packed-refs.lock
            : > objects/pack/tmp_pack_abc
            """)
        let log = Log()
        #expect(try await scratch.checkout("main", log: log) == second)
        #expect(log.text.contains("Removing lock files"))
        #expect(try await scratch.sh("find '\(scratch.mirror)' -name '*.lock' -o -name 'tmp_*'") == "")
    }

    @Test func staysTidy() async throws {
        let scratch = try await Scratch()
        let source = scratch.source()
        var commits: [String] = []
        for number in 0..<36 {
            commits.append(try await scratch.commit("Number \(number)"))
            try await scratch.sh("cd origin; git tag t\(number)a; git tag t\(number)b")
            #expect(try await scratch.checkout("main", with: source) == commits.last)
        }
        let packs = try await scratch.sh("ls '\(scratch.mirror)/objects/pack' | grep -c 'pack$'")
        #expect(try #require(Int(packs)) < 34)
        #expect(try await scratch.sh("git -C workspace tag | wc -l") == "72")
        for commit in [commits[0], commits[17], commits[35]] {
            #expect(try await scratch.checkout(commit, with: source) == commit)
        }
    }

    @Test func namesAreUnique() {
        let names = ["https://h/a/b", "https://h/a+b", "https://h/a%2Fb", "git@h:a/b", "/a", "/a.git", "/a/.git"]
        #expect(Set(names.map(flatName)).count == names.count)
        #expect(flatName("https://host/a.b") == "https%3A++host+a%2Eb")
        let long = String(repeating: "x", count: 500)
        #expect(flatName(long).split(separator: "/").allSatisfy { $0.count < 200 })
    }
}
