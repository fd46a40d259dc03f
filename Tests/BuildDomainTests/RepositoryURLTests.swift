import BuildDomain
import Foundation
import Testing

@Suite struct RepositoryURLTests {
    @Test(arguments: [
        "https://example.com/r.git", "https://example.com:8443/group/r", "ssh://user%40corp@example.com/r",
        "ssh://git@example.com:2222/r.git", "ssh://example.com/~user/r",
        "git://example.com/r", "git@example.com:group/r.git", "example.com:r", "https://[2001:db8::1]:8443/r",
        "ssh://git@[::1]:22/r", "git@[::1]:r", "[2001:db8::1]:r", "https://example.com/a::b", "example.com:a::b",
        "https://bücher.example/r", "git@my_host:r", "https://example.com/r?x=1&y=2", "example.com:/abs/r",
    ])
    func addressesThatGitFetchesFromAreAccepted(text: String) throws {
        for allowLocal in [true, false] {
            let url = try RepositoryURL(text, allowLocal: allowLocal)
            #expect(url.description == text)
            #expect(!url.isLocal)
        }
    }

    @Test(arguments: [
        // Options.
        "-", "--upload-pack=touch /tmp/x", "--upload-pack=x", "-u", "-oProxyCommand=x:r", "--", "-\u{301}x:y",
        // Transport helpers.
        "ext::sh", "ext::sh -c 'id'", "EXT::sh", "fd::17", "::", "::x", "a.b+c-d::x", "ext::\u{301}sh", "file::/etc",
        // Hosts, users and paths that ssh would take for options or a shell would expand.
        "ssh://-oProxyCommand=x/r", "ssh://user@-oProxyCommand=x/r", "-oProxyCommand=x@host:r",
        "git@-oProxyCommand=x:r",
        "ssh://[-oProxyCommand=x]/r", "[-oProxyCommand=x]:r", "git@[-oProxyCommand=x]:r", "host:-oProxyCommand=x",
        "ssh://%2DoProxyCommand=x/r", "ssh://%2Dl@host/r", "ssh://user@%2Dx/r", "ssh://$(id)/r", "ssh://`id`/r",
        "ssh://a;id/r", "ssh://a|id/r", "ssh://a'b/r", "git@$(id):r", "`id`@host:r", "ssh://$(id)@host/r",
        // Control characters and spaces.
        "https://example.com/a b", "https://example.com/\u{0}", "https://example.com/\n", "https://example.com/\r\n",
        "https://example.com/\u{1B}[2J", "https://example.com/\u{7F}", "https://example.com/\u{85}", "\thttps://a/b",
        // Passwords.
        "https://user:secret@example.com/r", "ssh://user:secret@example.com/r", "user:secret@example.com:r",
        "https://user:a@b@example.com/r", "https://:secret@example.com/r",
        // What may be a token.
        "https://ghp_secret@example.com/r", "HTTPS://secret@example.com/r", "https://@example.com/r",
        // Other schemes and things that are no address.
        "", "http://example.com/r", "ftp://example.com/r", "javascript://x/y", "ssh+git://example.com/r", "://x/y",
        "example.com", "example.com/r", "./r", "../r", "r", "C\\r", "host:", ":r", "@host:r", "https://", "https:///r",
        "https://example.com", "https://example.com/", "./a:b", "a/b:c", "git@:r", "https://@/r",
        // Ports.
        "https://example.com:/r", "https://example.com:0/r", "https://example.com:65536/r", "https://example.com:1x/r",
        "https://example.com:22:22/r", "ssh://[::1]x/r", "ssh://[::1/r", "ssh://[]/r", "ssh://[abc]/r",
        // Local ones that are none.
        "file://host/r", "file:///a%20b", "file://r",
    ])
    func whatGitCouldTakeForSomethingElseIsRefused(text: String) {
        for allowLocal in [true, false] {
            #expect {
                try RepositoryURL(text, allowLocal: allowLocal)
            } throws: {
                ($0 as? InvalidInput)?.field == "repo_url"
            }
        }
    }

    @Test(arguments: [
        ("/srv/r", "/srv/r"), ("file:///srv/r", "/srv/r"), ("FILE:///srv/r", "/srv/r"), ("/srv/a::b", "/srv/a::b"),
        ("/\u{301}x:y", "/\u{301}x:y"), ("/-x", "/-x"),
    ])
    func localFoldersAreForThoseWhoAllowThem(text: String, path: String) throws {
        let url = try RepositoryURL(text, allowLocal: true)
        #expect(url.description == path)
        #expect(url.isLocal)
        #expect(RepositoryURL(accepted: url.description) == url)
        #expect(RepositoryURL(accepted: url.description).isLocal)
        #expect { try RepositoryURL(text, allowLocal: false) } throws: {
            "\($0)".contains("--allow-local-repositories")
        }
    }

    @Test func aSchemeIsReadInAnyCaseAndKeptAsGitKnowsIt() throws {
        #expect(
            try RepositoryURL("SSH://Git@Example.com/R", allowLocal: false).description == "ssh://Git@Example.com/R")
    }

    @Test func theLongestAddressIsCountedInBytes() throws {
        let start = "https://example.com/"
        let fits = start + String(repeating: "a", count: RepositoryURL.maximumLength - start.utf8.count)
        #expect(throws: Never.self) { try RepositoryURL(fits, allowLocal: false) }
        #expect(throws: InvalidInput.self) { try RepositoryURL(fits + "a", allowLocal: false) }
    }

    @Test(arguments: [
        ("https://user:secret@example.com/r", "password"), ("https://ghp_secret@h/r", "credentials instead"),
        ("ext::sh", "transport helper"), ("-x", "option"),
        ("ftp://a/b", "'ftp'"), ("user:secret@host:r", "password"), ("a\u{1}b", "control character"),
    ])
    func theRefusalSaysWhy(text: String, why: String) {
        #expect { try RepositoryURL(text, allowLocal: false) } throws: {
            let message = "\($0)"
            return message.contains(why) && !message.contains("secret")
        }
    }

    /// git's own parser sees the same parts in what was accepted.
    @Test(arguments: [
        ("ssh://git@example.com:2222/r.git", "ssh", "git@example.com", "2222", "/r.git"),
        ("git@example.com:group/r.git", "ssh", "git@example.com", "NONE", "group/r.git"),
        ("[2001:db8::1]:r", "ssh", "2001:db8::1", "NONE", "r"), ("git@[::1]:r", "ssh", "git@::1", "NONE", "r"),
        ("ssh://git@[::1]:22/r", "ssh", "git@::1", "22", "/r"),
        ("example.com:a::b", "ssh", "example.com", "NONE", "a::b"),
    ])
    func gitAgrees(text: String, scheme: String, host: String, port: String, path: String) throws {
        let url = try RepositoryURL(text, allowLocal: false)
        let folder = FileManager.default.temporaryDirectory.appending(path: "mini-ci-\(UUID()).git").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        #expect(try runGit(["init", "--quiet", "--bare", folder]).isSuccess)
        let output = try runGit(["--git-dir", folder, "fetch-pack", "--diag-url", url.description]).output
        let seen = output.split(separator: "\n").filter { $0.hasPrefix("Diag: ") && !$0.hasPrefix("Diag: url=") }
        #expect(
            seen.map { String($0.dropFirst(6)) }
                == ["protocol=\(scheme)", "userandhost=\(host)", "port=\(port)", "path=\(path)"])
    }
}
