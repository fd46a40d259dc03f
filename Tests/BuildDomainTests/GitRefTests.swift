import BuildDomain
import Foundation
import Testing
import TestSupport

@Suite struct GitRefTests {
    @Test(arguments: [
        "main", "feature/x", "v1.2.3", "refs/heads/main", "refs/pull/12/head", "a-b_c", "ümlaut", "HEAD", "a@b", "@@",
        "a.b/c.d", "0123456789abcdef0123456789abcdef01234567", "refs/tags/v1+meta", "a$b", "a`id`b", "a;b", "a'b\"c",
    ])
    func namesThatGitKnowsAreAccepted(text: String) throws {
        #expect(try GitRef(text).description == text)
    }

    @Test(arguments: [
        "", "-", "-b", "--upload-pack=touch /tmp/x", "--upload-pack=x", "a b", "a\tb", "a\nb", "a\u{0}b", "a\u{7F}b",
        "a~1", "a^", "a^{commit}", "a:b", "a?b", "a*b", "a[b", "a\\b", "a..b", "a@{1}", "@", "@{u}", "/a", "a/", "a//b",
        ".a", "a/.b", "a.", "a.lock", "a.lock/b", "a/..", "..", ".", "/", "main\r\n", "refs/heads/x.lock",
        "-\u{301}x", "a..\u{301}b", "a/\u{301}.b/..\u{301}", "a@{\u{301}", "a.lock/\u{301}b/c.lock",
        "a/\u{301}/b//\u{301}",
        String(repeating: "a", count: 256),
    ])
    func namesThatGitRefusesOrMisunderstandsAreRefused(text: String) {
        #expect { try GitRef(text) } throws: { ($0 as? InvalidInput)?.field == "ref" }
    }

    @Test func theLongestNameIsCountedInBytes() throws {
        #expect(throws: Never.self) { try GitRef(String(repeating: "a", count: 255)) }
        #expect(throws: InvalidInput.self) { try GitRef(String(repeating: "ä", count: 128)) }
    }

    /// git itself is asked about names made of what its rules are about.
    @Test func gitAgrees() throws {
        let parts = [
            "a", "b", "/", ".", "..", "-", "@", "{", "@{", ".lock", "~", "^", ":", "\\", " ", "\u{301}", "ä", "*",
        ]
        var generator = SeededGenerator(seed: 11)
        for _ in 0..<250 {
            let count = Int.random(in: 1...6, using: &generator)
            let name = (0..<count).compactMap { _ in parts.randomElement(using: &generator) }.joined()
            // git allows a leading '-' in some places; here it is refused, because in other places it is an option.
            guard name.utf8.first != UInt8(ascii: "-") else { continue }
            let isAccepted = (try? GitRef(name)) != nil
            #expect(try isAccepted == runGit(["check-ref-format", "--allow-onelevel", name]).isSuccess, "\(name)")
        }
    }

    @Test func onlyAFullCommitIDIsACommit() throws {
        let sha = String(repeating: "aB3", count: 13) + "f"
        #expect(try GitRef(sha).commit?.description == sha.lowercased())
        #expect(CommitSHA(String(repeating: "0", count: 64)) != nil)
        for text in ["", "abc", String(repeating: "0", count: 39), String(repeating: "g", count: 40)] {
            #expect(CommitSHA(text) == nil)
        }
        #expect(try GitRef("main").commit == nil)
    }
}

/// Runs git and returns whether it exited with 0, and what it printed.
func runGit(_ arguments: [String]) throws -> (isSuccess: Bool, output: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["git"] + arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus == 0, String(decoding: output, as: UTF8.self))
}
