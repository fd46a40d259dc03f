import ScenarioSupport
import Testing

extension Scene {
    /// Plays a scenario; when it throws, what its programs said is shown.
    static func play(_ scenario: (Scene) async throws -> Void) async throws {
        let scene = try Scene()
        do { try await scenario(scene) } catch {
            Issue.record("it was thrown: \(error)\n\(scene.whatWasSaid)")
            await scene.end()
            throw error
        }
        await scene.end()
    }
}
