import BuildDomain
import Foundation
import LocalMachine
import Logging
import Orchestration
import PostgresStore
import TestSupport

/// Jobs that do nothing, claimed and finished through the real use cases on PostgreSQL, beside `pgbench` doing the
/// least that a queue in tables can do.
enum BurnDown {
    static let jobs = 20_000
    /// Attempts being finished at the same time.
    static let width = 512

    static func run(_ folder: String) async throws -> [Figure] {
        let server = try await PostgresServer.start(fsync: true)
        let floor = try await PgBenchFloor.rate(server, jobs: jobs)
        let rate = try await burn(server)
        await server.remove()
        return [
            Figure(
                name: "burn-down of \(jobs) jobs, PostgreSQL", unit: "jobs/s", ours: rate, floor: floor,
                floorName: "pgbench, 8 clients", goal: ">= 1.0 of floor", isMet: rate >= floor)
        ]
    }

    private static func burn(_ server: PostgresServer) async throws -> Double {
        let hub = SignalHub()
        let store = try await PostgresStore.open(
            url: try await server.makeDatabase(), connections: 8, hub: hub, logger: Logger(label: "bench"))
        try await store.migrate()
        let services = Services(
            store: store, hub: hub, surroundings: .system, limits: SubmitLimits(), leases: LeaseSettings())
        let submission = Submission(repository: "https://localhost/repository", ref: "main", command: "true")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<jobs {
                if index >= width { try await group.next() }
                group.addTask { _ = try await services.submitBuild(submission, key: nil) }
            }
            try await group.waitForAll()
        }
        let worker = WorkerReference(id: Surroundings.system.identifier(), name: "bench")
        try await services.controlPlane.register(
            WorkerRegistration(id: worker.id, name: worker.name, labels: [], capacity: width, version: "bench"))
        let taken = try await seconds { try await drain(services.controlPlane, worker) }
        let left = try await services.readBuilds.statistics()
        guard left.builds[.success] == jobs else { throw BenchmarkError("not all jobs succeeded: \(left.builds)") }
        await store.close()
        return Double(jobs) / taken
    }

    /// Claims in batches while earlier batches are being finished.
    private static func drain(_ controlPlane: LocalControlPlane, _ worker: WorkerReference) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            var running = 0
            var left = jobs
            while left > 0 {
                while running > width - 100, try await group.next() != nil { running -= 1 }
                let request = ClaimRequest(worker: worker, labels: [], limit: 100, waitMilliseconds: 1000)
                let assignments = try await controlPlane.claim(request)
                left -= assignments.count
                running += assignments.count
                for assignment in assignments {
                    group.addTask {
                        let steps = assignment.job.steps.map {
                            Step(name: $0.name, outcome: .success, conclusion: .success)
                        }
                        try await controlPlane.finish(
                            assignment.reference, progress: AttemptProgress(commit: nil, steps: steps),
                            end: AttemptEnd(outcome: .success, exitCode: 0, seal: .empty))
                    }
                }
            }
            try await group.waitForAll()
        }
    }
}
