import APIClient
import BuildDomain

extension Catalogue {
    private static let clients: Set<SettingsCommand> = [.client, .worker, .token]

    public static let serverURL = Setting<ServerAddress>(
        "serverURL", "Address of the server", flag: "server", environment: "MINI_CI_SERVER", commands: clients,
        defaultText: "that of `mini-ci up` with the same data folder, else \(ServerAddress.local)",
        parse: { (text: String) throws(Expectation) in
            do { return try ServerAddress(text) } catch {
                throw Expectation(expected: "an address such as \(ServerAddress.local) or https://ci.example")
            }
        }, fallback: { _ in .local })

    public static let token = Setting<String?>(
        "token", "Access token; every user of this machine can see it in the list of processes, so prefer --token-file",
        flag: "token", environment: "MINI_CI_TOKEN", commands: clients, isSecret: true, parse: Parse.token,
        show: { $0 == nil ? "-" : "set (not shown)" }, fallback: { _ in nil })

    public static let tokenFile = Setting<String?>(
        "tokenFile", "File with the access token", flag: "token-file", environment: "MINI_CI_TOKEN_FILE",
        commands: clients, defaultText: "admin-token in the data folder, where there is one",
        parse: { (text: String) throws(Expectation) in text }, show: { $0 ?? "-" }, fallback: { _ in nil })
}
