import BuildDomain
import LocalMachine
import Orchestration

/// The admin token that `up` makes on its first start, so that the command line on the same machine needs no set-up.
enum AdminToken {
    static func path(in dataFolder: String) -> String { dataFolder + "/" + DataFiles.adminToken }

    /// Makes token and file where there is none that works.
    /// - Returns: the file, which this user alone can read.
    static func ensure(in dataFolder: String, services: Services) async throws -> String {
        let path = path(in: dataFolder)
        do {
            if let text = try Files.read(path) {
                let token = TokenText(presented: text.split(separator: "\n").first.map { String($0) } ?? "")
                if try await services.authenticate(token)?.role == .admin { return path }
            }
            let (text, _) = try await services.manageTokens.create(
                name: "admin of this machine", role: .admin, lifetime: nil)
            try Files.write(text.description + "\n", to: path, mode: 0o600)
            return path
        } catch let error as DiskError {
            throw StartupError("the admin token cannot be kept: \(error.message)")
        } catch {
            throw StartupError("the admin token cannot be made: \(error)")
        }
    }
}

/// Where `up` writes down its address while it runs, for the command line on the same machine.
enum ServerURLFile {
    static func path(in dataFolder: String) -> String { dataFolder + "/" + DataFiles.serverURL }

    static func write(_ url: String, in dataFolder: String) throws(DiskError) {
        try Files.write(url + "\n", to: path(in: dataFolder), mode: 0o600)
    }

    static func read(in dataFolder: String) -> String? {
        let text = try? Files.read(path(in: dataFolder))
        return text?.split(separator: "\n").first.map { String($0) }
    }

    static func remove(from dataFolder: String) {
        // A file that stays behind only makes the command line say that nobody answers there.
        try? Files.remove(path(in: dataFolder))
    }
}
