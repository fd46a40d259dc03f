import APIClient
import Orchestration
import Testing

@testable import MiniCI

@Suite struct DiscoveryTests {
    private let files = [
        "/home/anna/.local/share/mini-ci/admin-token": "mci_of_the_folder\n",
        "/home/anna/.local/share/mini-ci/server-url": "http://127.0.0.1:9999\n", "/t/file": "  mci_of_the_file\n",
        "/t/empty": "\n",
    ]

    @Test func theServerOfUpIsFound() throws {
        let found = try settings(.client, [:], files: files)
        #expect(found.serverURL.description == "http://127.0.0.1:9999")
        #expect(found.origin(of: Catalogue.serverURL.info) == .file("/home/anna/.local/share/mini-ci/server-url"))
        #expect(try settings(.client).serverURL == .local)
        let named = try settings(.client, ["MINI_CI_SERVER": "https://ci.example/"], files: files)
        #expect(named.serverURL.description == "https://ci.example")
    }

    @Test func tokensAreLookedForInOrder() throws {
        var flags = SettingFlags()
        var environment: [String: String] = [:]
        func found() throws -> FoundToken? { try settings(.client, environment, flags, files: files).findToken() }
        let folder = "/home/anna/.local/share/mini-ci/admin-token"
        #expect(try found() == FoundToken(token: "mci_of_the_folder", origin: .file(folder)))
        environment["MINI_CI_TOKEN_FILE"] = "/t/file"
        #expect(try found() == FoundToken(token: "mci_of_the_file", origin: .file("/t/file")))
        environment["MINI_CI_TOKEN"] = "mci_of_the_environment"
        #expect(try found()?.token == "mci_of_the_environment")
        flags.set(Catalogue.tokenFile, to: "/t/file")
        #expect(try found()?.token == "mci_of_the_file")
        flags.set(Catalogue.token, to: "mci_of_the_flag")
        #expect(try found() == FoundToken(token: "mci_of_the_flag", origin: .flag("token")))
    }

    @Test func noTokenIsNoErrorAndAWrongFileIs() throws {
        #expect(try settings(.client).findToken() == nil)
        for file in ["/t/empty", "/t/nothing"] {
            let settings = try settings(.client, ["MINI_CI_TOKEN_FILE": file], files: files)
            let error = #expect(throws: SettingsError.self) { try settings.findToken() }
            #expect(error?.description.contains(file) == true)
        }
    }

    @Test func aServerNeedsADatabase() throws {
        #expect(throws: SettingsError.self) { try settings(.server).requiredDatabaseURL() }
        let named = try settings(.server, ["MINI_CI_DATABASE_URL": "postgres://h/d"])
        #expect(try named.requiredDatabaseURL() == "postgres://h/d")
    }

    @Test func limitsAndLeasesAreTakenOver() throws {
        let settings = try settings(
            .up, ["MINI_CI_LEASE_MS": "30s", "MINI_CI_DEFAULT_TIMEOUT_S": "5m", "MINI_CI_LONG_POLL_MS": "1000"])
        #expect(LeaseSettings(settings).lease == .seconds(30))
        #expect(LeaseSettings(settings).longPoll == .seconds(1))
        #expect(SubmitLimits(settings).defaultTimeoutSeconds == 300)
        #expect(SubmitLimits(settings).allowsLocalRepositories)
    }
}
