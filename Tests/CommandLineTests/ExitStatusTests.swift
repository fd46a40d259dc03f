import Foundation
import MiniCI
import Testing

@Suite struct ExitStatusTests {
    /// Nobody listens on the port that names the TCP multiplexer.
    private let nobody = ["MINI_CI_SERVER": "http://127.0.0.1:1", "MINI_CI_TOKEN": "mci_aaaaaaaaaaaa"]

    @Test func versionAndHelpGoToStandardOutput() async throws {
        let version = try await Binary.run("version")
        #expect(version.status == 0)
        #expect(version.output == MiniCIVersion.text + "\n")
        #expect(try await Binary.run("--version").output == version.output)
        let help = try await Binary.run("submit", "--help")
        #expect(help.status == 0)
        #expect(help.output.contains("EXAMPLES"))
        #expect(help.error.isEmpty)
    }

    @Test(arguments: [
        ["frobnicate"], ["submit"], ["logs"], ["builds", "--status", "sleeping"],
        ["token", "create", "--role", "king", "--name", "x"],
        ["submit", "--command", "x", "--timeout", "soon"], ["up", "--port", "high"], ["logs", "--step", "0", "abcd"],
        ["show", "xyz!"], ["backup"], ["backup", "folder/"], ["submit", "--repo", "/nonexistent", "--command", "x"],
        ["submit", "--repo", "https://h/x.git", "--command", "x"],
    ])
    func wrongUsageIs2(arguments: [String]) async throws {
        let result = try await Binary.run(arguments, environment: nobody)
        #expect(result.status == 2)
        #expect(result.output.isEmpty)
        #expect(result.error.hasPrefix("mini-ci: "), "\(result.error)")
    }

    @Test(arguments: [
        ["builds"], ["show", "01993b5e-0a52-7c61-9a64-0d6f5b7d2c11"], ["workers"], ["token", "list"],
        ["logs", "-f", "01993b5e-0a52-7c61-9a64-0d6f5b7d2c11"], ["cancel", "abcd"],
        ["submit", "--repo", "https://h/x.git", "--ref", "main", "--command", "x", "--follow"],
    ])
    func nobodyThereIs3(arguments: [String]) async throws {
        let result = try await Binary.run(arguments, environment: nobody)
        #expect(result.status == 3)
        #expect(result.error.hasPrefix("mini-ci: could not reach http://127.0.0.1:1: connection refused."))
        #expect(result.error.contains("`mini-ci up`"))
    }

    @Test func aWrongSettingIs2AndSaysWhereItCameFrom() async throws {
        let result = try await Binary.run(["builds"], environment: ["MINI_CI_SERVER": "nonsense"])
        #expect(result.status == 2)
        #expect(result.error.hasPrefix("mini-ci: MINI_CI_SERVER: expected an address"))
    }

    @Test func aVisibleTokenIsWarnedOfAndNotRepeated() async throws {
        let result = try await Binary.run(["builds", "--token", "mci_geheim_geheim"], environment: nobody)
        #expect(result.error.contains("--token-file"))
        #expect(!result.error.contains("geheim"))
    }

    @Test(arguments: [["migrate"], ["server"], ["token", "list"], ["verify"], ["backup", "/nonexistent/x"]])
    func aVisiblePasswordIsWarnedOfAndNotRepeated(command: [String]) async throws {
        let hidden = "postgres://user@127.0.0.1:1/none"
        let visible = "postgres://user:geheim@127.0.0.1:1/none"
        let warned = try await Binary.run(command + ["--database-url", visible])
        #expect(warned.status == 3)
        #expect(warned.error.contains("prefer MINI_CI_DATABASE_URL"))
        #expect(!warned.error.contains("geheim"))
        for (arguments, environment) in [(["--database-url", hidden], [:]), ([], ["MINI_CI_DATABASE_URL": visible])] {
            let silent = try await Binary.run(command + arguments, environment: environment)
            #expect(!silent.error.contains("prefer MINI_CI_DATABASE_URL"), "\(silent.error)")
        }
    }

    @Test(arguments: [
        (["submit", "--comand", "true"], "there is no option '--comand'; did you mean '--command'?"),
        (["sumbit"], "there is no command 'sumbit'; did you mean 'submit'?"),
        (["help", "logz"], "there is no command 'logz'; did you mean 'logs'?"),
        (["help", "nope"], "there is no command 'nope'"),
        (["token", "creat"], "there is no command 'creat'; did you mean 'create'?"),
    ])
    func aMisspeltWordIsNamed(arguments: [String], hint: String) async throws {
        let result = try await Binary.run(arguments, environment: nobody)
        #expect(result.status == 2)
        #expect(result.error.hasPrefix("mini-ci: " + hint + "\n"), "\(result.error)")
    }

    @Test(arguments: [["help"], ["help", "token", "create"], ["help", "--help"]])
    func helpThatExistsIsGiven(arguments: [String]) async throws {
        #expect(try await Binary.run(arguments).status == 0)
    }

    @Test(arguments: ["up", "server", "worker"])
    func aMisspeltSettingIsWarnedOf(command: String) async throws {
        // None of them starts: the port is none.
        let environment = ["MINI_CI_PROT": "1", "MINI_CI_BUILD_ID": "x", "MINI_CI_PORT": "x", "MINI_CI_TOKEN": "mci_a"]
        let result = try await Binary.run([command, "--port", "x"], environment: environment)
        #expect(result.status == 2)
        #expect(result.error.hasPrefix("mini-ci: MINI_CI_PROT is no setting; did you mean MINI_CI_PORT?\n"))
        #expect(!result.error.contains("MINI_CI_BUILD_ID"))
    }

    @Test(arguments: [
        ("192.0.2.1", "cannot listen on 192.0.2.1: "),
        ("no-such-host.invalid", "cannot listen on no-such-host.invalid: "),
    ])
    func anAddressOfAnotherMachineIs3(host: String, sentence: String) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("mini-ci-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let result = try await Binary.run("up", "--host", host, "--port", "0", "--data", folder)
        #expect(result.status == 3)
        let last = result.error.split(separator: "\n").last ?? ""
        #expect(last.hasPrefix("mini-ci: " + sentence), "\(result.error)")
        #expect(last.hasSuffix("; try --host 127.0.0.1 or 0.0.0.0"), "\(result.error)")
    }

    @Test func doctorNamesFlagsAndVariables() async throws {
        let result = try await Binary.run(["doctor"], environment: nobody)
        #expect(result.output.contains("--allow-local-repositories"))
        #expect(!result.output.contains("allowsLocalRepositories"))
    }

    @Test func completionsAreGenerated() async throws {
        for shell in ["bash", "zsh", "fish"] {
            let result = try await Binary.run("--generate-completion-script", shell)
            #expect(result.status == 0)
            #expect(result.output.contains("submit"))
        }
    }
}
