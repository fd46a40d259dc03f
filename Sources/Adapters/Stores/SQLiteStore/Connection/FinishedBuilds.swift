import BuildDomain
import Orchestration
import Synchronization

/// Finished builds that were read lately. They are looked at the most, by people and by programs that wait for an end,
/// and next to never change.
///
/// Exact, not approximate: this process is the only writer of the file, and every commit removes what it changed before
/// anybody hears of it. Builds that still run are never kept, because their leases are renewed outside the aggregate.
final class FinishedBuilds: Sendable {
    /// A moment of the database; what was read before a later commit may be old.
    typealias Moment = UInt64

    private struct State {
        var builds: [BuildID: Build] = [:]
        var bytes = 0
        var moment: Moment = 0
    }

    private let maximumBytes: Int
    private let state = Mutex(State())

    /// - Parameter maximumBytes: of all builds kept; when it is reached, keeping begins anew.
    init(maximumBytes: Int) { self.maximumBytes = maximumBytes }

    /// The build where it is kept, else the moment to hand to ``keep(_:readAt:)`` after reading it.
    func find(_ id: BuildID) -> (build: Build?, moment: Moment) {
        state.withLock { ($0.builds[id], $0.moment) }
    }

    /// Keeps a build that was read after `moment`, unless something was committed since.
    func keep(_ build: Build, readAt moment: Moment) {
        guard build.status.isTerminal, build.jobs.allSatisfy(\.status.isTerminal) else { return }
        let weight = build.weight
        state.withLock { state in
            guard state.moment == moment, state.builds[build.id] == nil, weight <= maximumBytes else { return }
            if state.bytes + weight > maximumBytes { (state.builds, state.bytes) = ([:], 0) }
            state.builds[build.id] = build
            state.bytes += weight
        }
    }

    /// Forgets the builds among what was committed.
    func forget(_ topics: Set<Topic>) {
        guard !topics.isEmpty else { return }
        state.withLock { state in
            state.moment += 1
            for case .build(let id) in topics {
                state.bytes -= state.builds.removeValue(forKey: id)?.weight ?? 0
            }
        }
    }
}

extension Build {
    /// Roughly how many bytes it takes in memory: what a user chose the size of, and a flat part for the rest.
    fileprivate var weight: Int {
        var bytes = 1024 + (command?.utf8.count ?? 0) + (result.error?.utf8.count ?? 0)
        for job in jobs {
            bytes += 1024 + job.spec.environment.reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count }
            bytes += job.attempts.reduce(0) { $0 + 1024 + ($1.end?.error?.utf8.count ?? 0) }
        }
        return bytes
    }
}
