import BuildDomain
import Orchestration

/// Repeats a call while the control plane is away, with growing pauses, up to a limit.
struct Persistence: Sendable {
    static let firstPause = Duration.milliseconds(100)
    static let longestPause = Duration.seconds(5)

    let surroundings: Surroundings
    /// How long to go on trying.
    let limit: Duration

    /// - Throws: what the call threw last: ``ControlPlaneError/unavailable(_:)`` after the limit, others at once.
    func callAsFunction<Answer>(
        _ call: () async throws(ControlPlaneError) -> Answer
    ) async throws(ControlPlaneError) -> Answer {
        let deadline = surroundings.timekeeper.now + limit
        var pause = Self.firstPause
        while true {
            do {
                return try await call()
            } catch .unavailable(let message) {
                guard surroundings.timekeeper.now < deadline, !Task.isCancelled else { throw .unavailable(message) }
            }
            let jitter = Int64(surroundings.entropy.random() % 1000)
            let varied = Duration.milliseconds(pause.wholeMilliseconds * (500 + jitter) / 1000)
            do { try await surroundings.timekeeper.sleep(for: varied) } catch {
                throw .unavailable("canceled while waiting for the control plane")
            }
            pause = min(pause * 2, Self.longestPause)
        }
    }
}
