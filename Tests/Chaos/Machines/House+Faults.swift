import Foundation
import ScenarioSupport
import TestSupport

extension House {
    /// Breaks something.
    package func inject(_ fault: Fault) async throws {
        switch fault.kind {
        case .killServer: try await servers[fault.target].kill()
        case .stopServer: await servers[fault.target].send(SIGSTOP)
        case .restartServer: try await servers[fault.target].drain()
        case .killWorker: try await workers[fault.target].kill()
        case .stopWorker: await workers[fault.target].send(SIGSTOP)
        case .restartWorker: try await workers[fault.target].drain()
        case .crashDatabase: try await database?.stop(.immediate)
        case .endSessions:
            try await database?.run(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '\(databaseName)'")
        case .delay: links[fault.target].set(.slow(milliseconds: 50 + fault.lengthMilliseconds % 400))
        case .drop: links[fault.target].set(.down)
        case .halfOpen: links[fault.target].set(.halfOpen)
        case .reset: links[fault.target].reset()
        case .fillDisk: try await fillDisk()
        }
    }

    /// Makes it whole again, and returns when it is.
    package func mend(_ fault: Fault) async throws {
        switch fault.kind {
        case .killServer, .restartServer: try await servers[fault.target].start()
        case .killWorker, .restartWorker: try await workers[fault.target].start()
        case .stopServer: await servers[fault.target].send(SIGCONT)
        case .stopWorker: await workers[fault.target].send(SIGCONT)
        case .crashDatabase: try await database?.restart()
        case .delay, .drop, .halfOpen: links[fault.target].set(.fine)
        case .endSessions, .reset: break
        case .fillDisk: try smallDisk.map { try FileManager.default.removeItem(atPath: $0 + "/filler") }
        }
    }

    private func fillDisk() async throws {
        guard let smallDisk else { return }
        // Ends when nothing more fits.
        _ = try await scene.run("/bin/dd", ["if=/dev/zero", "of=\(smallDisk)/filler", "bs=16k"])
    }
}
