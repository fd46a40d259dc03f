import APIServer
import Orchestration

extension Settings {
    /// The SQLite file of `up`.
    var databasePath: String { dataFolder + "/" + DataFiles.database }

    /// Where a server that listens as set can be reached from this machine.
    func url(port: Int) -> String {
        let isAny = host == "0.0.0.0" || host == "::"
        let name = isAny ? "127.0.0.1" : host.contains(":") ? "[\(host)]" : host
        return "http://\(name):\(port)"
    }
}

extension APIServerSettings {
    /// How the API is served, as set.
    init(_ settings: Settings) {
        self.init()
        host = settings.host
        port = settings.port
        isDevelopment = settings.isDevelopment
        limits.shutdownTimeout = .seconds(settings.shutdownSeconds)
        workerOfflineAfter = .milliseconds(settings.leaseMilliseconds)
    }
}
