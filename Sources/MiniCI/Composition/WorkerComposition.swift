import APIClient
import APIServer
import BuildDomain
import Foundation
import GitSource
import HostRunner
import LocalMachine
import Logging
import Orchestration
import Worker

/// The variables of the worker's own environment that jobs see.
private let passedOn = ["PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG"]

extension Shapes {
    static func makeWorker(
        _ settings: Settings, disk: LocalDisk, controlPlane: any ControlPlane, logger: Logger
    ) throws -> WorkerLoop {
        if let leftovers = disk.leftovers {
            logger.warning("what earlier jobs left could not be removed", metadata: ["folder": "\(leftovers)"])
        }
        let id: WorkerID
        do { id = try disk.identity { Surroundings.system.identifier() } } catch { throw StartupError(error.message) }
        let environment = ProcessInfo.processInfo.environment
        var hostEnvironment = environment.filter { passedOn.contains($0.key) }
        hostEnvironment["PATH"] =
            hostEnvironment["PATH"] ?? "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        hostEnvironment["LANG"] = hostEnvironment["LANG"] ?? "C.UTF-8"
        var worker = WorkerSettings(
            id: id, name: settings.workerName, labels: settings.labels, capacity: settings.capacity,
            version: MiniCIVersion.text, hostEnvironment: hostEnvironment,
            allowsLocalRepositories: settings.allowsLocalRepositories)
        worker.stopGrace = .seconds(settings.stopGraceSeconds)
        worker.renewInterval = .milliseconds(settings.renewMilliseconds)
        worker.claimWait = .milliseconds(settings.longPollMilliseconds)
        worker.logLimits = LogLimits(logBytes: Int64(settings.logLimitBytes), lineBytes: settings.lineLimitBytes)
        let ports = WorkerPorts(
            controlPlane: controlPlane, runner: HostRunner(),
            source: GitSource(root: settings.dataFolder, environment: environment), disk: disk, surroundings: .system)
        return WorkerLoop(settings: worker, ports: ports, logger: logger)
    }
}

/// Opens the worker's folder; its errors are for the person at the terminal.
enum LocalDiskAccess {
    static func open(_ path: String) throws -> LocalDisk {
        do { return try LocalDisk(root: path) } catch { throw StartupError(error.message) }
    }

    /// For `up`, which is most often in the way of itself.
    static func openForUp(_ settings: Settings) throws -> LocalDisk {
        let path = settings.workerFolder
        do { return try LocalDisk(root: path) } catch {
            guard LocalDisk.isInUse(path) else { throw StartupError(error.message) }
            let address = ServerURLFile.read(in: settings.dataFolder).map { ", at \($0)" } ?? ""
            throw StartupError(
                "mini-ci already runs with the data folder \(settings.dataFolder)\(address); use that one, or choose "
                    + "another folder with --data")
        }
    }
}

/// How processes of a fleet reach each other.
enum Connections {
    static func controlPlane(_ settings: Settings) throws -> HTTPControlPlane {
        guard let found = try settings.findToken() else {
            throw StartupError(
                "a worker needs a token: make one with `mini-ci token create --role worker --name NAME` and give it "
                    + "with --token-file FILE or MINI_CI_TOKEN")
        }
        return HTTPControlPlane(
            server: settings.serverURL, token: found.token, longPoll: .milliseconds(settings.longPollMilliseconds))
    }
}

extension WorkerLoop {
    /// What the worker's own status page shows.
    var status: @Sendable () -> WorkerStatus {
        { [self] in WorkerStatus(running: runningCount, isDraining: isDraining) }
    }
}
