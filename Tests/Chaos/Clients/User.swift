import APIClient
import APISchema
import BuildDomain
import Foundation
import ScenarioSupport

/// Somebody who submits one build, perhaps cancels it, and perhaps follows it, and gives up only when the run is over.
struct User: Sendable {
    let house: House
    let repository: Repository
    let plan: BuildPlan

    private static let pause = Duration.milliseconds(200)

    /// Returns when the build is acknowledged and all that belongs to it is done.
    func live() async {
        guard let build = await submit() else { return }
        await withTaskGroup(of: Void.self) { tasks in
            // Every eighth says it again, as somebody does who lost the answer.
            if plan.number % 8 == 0 { tasks.addTask { _ = await submit() } }
            if let after = plan.cancelAfterMilliseconds {
                tasks.addTask { await cancel(build, afterMilliseconds: after) }
            }
            // Every fifth is followed, in turn with our own client and with one that knows nothing of us.
            if plan.number % 10 == 0 {
                tasks.addTask { await Follower(user: self, build: build).followWithOurClient() }
            }
            if plan.number % 10 == 5 { tasks.addTask { await Follower(user: self, build: build).followWithCurl() } }
        }
    }

    private func submit() async -> BuildID? {
        let request = BuildRequest(
            repoURL: repository.path, ref: "main", command: plan.command, env: [House.variable: house.mark])
        let key = "\(house.mark)-\(plan.number)"
        let answer = await insist("submit \(plan.number)") { client in try await client.submit(request, key: key) }
        guard let build = answer?.id else { return nil }
        house.recorder.record(.submitted(plan: plan, key: key, build: build, at: .now))
        return build
    }

    private func cancel(_ build: BuildID, afterMilliseconds delay: Int) async {
        do { try await Task.sleep(for: .milliseconds(delay)) } catch { return }
        house.recorder.record(.cancelAsked(build: build))
        let isAccepted = await insist("cancel \(build)") { client in
            do {
                try await client.cancel(build)
                return true
            } catch let error as APIClientError where error.status == 409 {
                // It had ended.
                return false
            }
        }
        if isAccepted == true { house.recorder.record(.cancelAccepted(build: build, at: .now)) }
    }

    /// Repeats a call at one server after the other until it is answered.
    /// - Returns: `nil` when the run is over, or when trying again is no use.
    private func insist<Answer>(_ what: String, _ call: (APIClient) async throws -> Answer) async -> Answer? {
        var turn = plan.number
        while !Task.isCancelled {
            do { return try await call(house.clients[turn % house.clients.count]) } catch {
                turn += 1
                if let error = error as? APIClientError, error.isTransient || error == .canceled {
                    try? await Task.sleep(for: Self.pause)
                    continue
                }
                house.recorder.record(.refused(what: what, why: "\(error)"))
                return nil
            }
        }
        return nil
    }
}
