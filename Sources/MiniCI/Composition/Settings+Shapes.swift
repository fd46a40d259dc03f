import APIServer
import Orchestration

extension Settings {
    /// The SQLite file of `up`.
    var databasePath: String { dataFolder + "/" + DataFiles.database }

    /// What the worker keeps.
    var workerFolder: String { dataFolder + "/worker" }

    /// Where a server that listens as set can be reached from this machine.
    func url(port: Int) -> String {
        let isAny = host == "0.0.0.0" || host == "::"
        let name = isAny ? "127.0.0.1" : host.contains(":") ? "[\(host)]" : host
        return "http://\(name):\(port)"
    }
}

extension APIServerSettings {
    /// How the API is served, as set.
    /// - Parameter fileLimit: files that this process may have open.
    init(_ settings: Settings, fileLimit: Int) {
        self.init()
        host = settings.host
        port = settings.port
        isDevelopment = settings.isDevelopment
        // Where files run out, nothing can be accepted, and the store fails too; connections may not use them all.
        let reserve = min(256, fileLimit / 2)
        limits.maximumConnections = min(settings.maximumConnections, fileLimit - reserve)
        limits.shutdownTimeout = .seconds(settings.shutdownSeconds)
        workerOfflineAfter = .milliseconds(settings.leaseMilliseconds)
    }
}
