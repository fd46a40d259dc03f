/// Something that is broken on purpose, and mended after a while.
package struct Fault: Sendable, Hashable, Codable {
    package enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
        case killServer = "server SIGKILL"
        case stopServer = "server SIGSTOP"
        case restartServer = "server SIGTERM"
        case killWorker = "worker SIGKILL"
        case stopWorker = "worker SIGSTOP"
        case restartWorker = "worker SIGTERM"
        case crashDatabase = "PostgreSQL crash"
        case endSessions = "PostgreSQL sessions ended"
        case delay = "network slow"
        case drop = "network down"
        case halfOpen = "network half open"
        case reset = "connections reset"
        case fillDisk = "disk full"

        /// What it breaks.
        package var site: Site {
            switch self {
            case .killServer, .stopServer, .restartServer: .server
            case .killWorker, .stopWorker, .restartWorker: .worker
            case .crashDatabase, .endSessions: .database
            case .delay, .drop, .halfOpen, .reset: .link
            case .fillDisk: .disk
            }
        }
    }

    package enum Site: String, Sendable, Hashable, CaseIterable {
        case server, worker, database, link, disk
    }

    /// What two faults never break at once.
    package struct Place: Sendable, Hashable {
        var site: Site
        var target: Int
    }

    package var place: Place { Place(site: kind.site, target: target) }

    package var kind: Kind
    /// Which server, worker or link, from 0.
    package var target: Int
    /// When it begins, counted from the start of the run.
    package var atMilliseconds: Int
    /// How long it lasts.
    package var lengthMilliseconds: Int

    package init(kind: Kind, target: Int, atMilliseconds: Int, lengthMilliseconds: Int) {
        self.kind = kind
        self.target = target
        self.atMilliseconds = atMilliseconds
        self.lengthMilliseconds = lengthMilliseconds
    }
}

extension Fault: CustomStringConvertible {
    package var description: String {
        "\(atMilliseconds) ms: \(kind.rawValue) #\(target) for \(lengthMilliseconds) ms"
    }
}
