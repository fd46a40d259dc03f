import APIClient
import ArgumentParser
import MiniCI

/// Which server to talk to, and as whom.
struct ClientOptions: SettingOptions {
    @Option(name: Catalogue.serverURL.info.flagName, help: Catalogue.serverURL.info.argumentHelp)
    var server: String?
    @Option(name: Catalogue.token.info.flagName, help: Catalogue.token.info.argumentHelp)
    var token: String?
    @Option(name: Catalogue.tokenFile.info.flagName, help: Catalogue.tokenFile.info.argumentHelp)
    var tokenFile: String?

    func note(in flags: inout SettingFlags) {
        flags.set(Catalogue.serverURL, to: server)
        flags.set(Catalogue.token, to: token)
        flags.set(Catalogue.tokenFile, to: tokenFile)
    }

    /// Says so once when the token stands where everybody on this machine can read it.
    func warnOfVisibleToken() {
        guard token != nil else { return }
        Output.note("other users of this machine can see --token in the list of processes; prefer --token-file")
    }
}

/// The same for every command that only talks to a server.
struct ConnectionOptions: ParsableArguments {
    @OptionGroup var client: ClientOptions
    @OptionGroup var data: DataOptions

    /// Connects, and disconnects when `body` has ended.
    func withClient<Answer>(_ body: (APIClient) async throws -> Answer) async throws -> Answer {
        client.warnOfVisibleToken()
        return try await Connection.with(try Settings.of(.client, client, data), body)
    }
}

enum Connection {
    static func with<Answer>(_ settings: Settings, _ body: (APIClient) async throws -> Answer) async throws -> Answer {
        let client = APIClient(server: settings.serverURL, token: try settings.findToken()?.token)
        let answer: Answer
        do { answer = try await body(client) } catch {
            await client.shutdown()
            throw error
        }
        await client.shutdown()
        return answer
    }
}

struct JSONOption: ParsableArguments {
    @Flag(name: .customLong("json"), help: "Print JSON, for machines.")
    var isOn = false
}
