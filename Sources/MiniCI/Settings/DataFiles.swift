import APIClient

/// Files in the data folder that one command leaves for another.
public enum DataFiles {
    /// The administrator's token that `up` makes, mode 0600.
    public static let adminToken = "admin-token"
    /// The address that `up` listens on, while it runs.
    public static let serverURL = "server-url"
    /// The database of `up`.
    public static let database = "mini-ci.db"

    static func server(in folder: String, _ facts: HostFacts) -> (ServerAddress, SettingOrigin)? {
        let path = "\(folder)/\(serverURL)"
        guard let text = facts.read(path), let address = try? ServerAddress(String(text.trimmed)) else { return nil }
        return (address, .file(path))
    }
}

/// A token and where it was found.
public struct FoundToken: Sendable, Hashable {
    public var token: String
    public var origin: SettingOrigin
}

extension Settings {
    /// The token to present to the server: `--token`, `--token-file`, `MINI_CI_TOKEN`, `MINI_CI_TOKEN_FILE`, and last
    /// the one that `up` keeps in the data folder; `nil` where there is none of them.
    /// - Throws: ``SettingsError`` where a file was named and holds no token.
    public func findToken() throws(SettingsError) -> FoundToken? {
        let fileOrigin = origin(of: Catalogue.tokenFile.info)
        let origin = origin(of: Catalogue.token.info)
        // Whatever stands on the command line goes before whatever is in the environment.
        let isFileFirst = fileOrigin.isFlag && !origin.isFlag
        if let token, !isFileFirst { return FoundToken(token: token, origin: origin) }
        if let tokenFile {
            guard let text = facts.read(tokenFile) else {
                throw SettingsError("\(fileOrigin): the file \(tokenFile) cannot be read")
            }
            return FoundToken(token: try Self.token(in: text, of: tokenFile), origin: .file(tokenFile))
        }
        let path = "\(dataFolder)/\(DataFiles.adminToken)"
        guard let text = facts.read(path) else { return nil }
        return FoundToken(token: try Self.token(in: text, of: path), origin: .file(path))
    }

    /// Where the value of a setting came from.
    public func origin(of info: SettingInfo) -> SettingOrigin {
        resolved.first { $0.info == info }?.origin ?? .standard
    }

    private static func token(in text: String, of path: String) throws(SettingsError) -> String {
        let token: String?
        do { token = try Parse.token(text) } catch { token = nil }
        guard let token else {
            throw SettingsError(
                "the file \(path) holds no token; expected one line as `mini-ci token create` prints it")
        }
        return token
    }
}

extension SettingOrigin {
    var isFlag: Bool {
        if case .flag = self { return true }
        return false
    }
}
