import LocalMachine
import Logging
import Orchestration

/// What `mini-ci migrate` did.
public struct MigrationReport: Sendable {
    /// The schema's version before; 0 where there was none.
    public var from: Int
    public var to: Int
    /// Names of the migrations that were run.
    public var applied: [String]
}

extension Shapes {
    /// Brings the database up to date.
    /// - Throws: ``StartupError`` that says what to do.
    public static func migrate(_ settings: Settings) async throws -> MigrationReport {
        let store = try await Databases.open(settings, hub: SignalHub(), logger: quiet)
        let result: Result<[Migration], MigrationError>
        do { result = .success(try await store.migrate()) } catch { result = .failure(error) }
        let latest = store.migrations.last?.version ?? 0
        await store.close()
        switch result {
        case .success(let applied):
            let names = applied.map { "\($0.version) \($0.name)" }
            return MigrationReport(from: (applied.first?.version).map { $0 - 1 } ?? latest, to: latest, applied: names)
        case .failure(let error): throw StartupError("\(error)")
        }
    }

    /// Works on the tokens straight in the database, for a fleet that has no token yet.
    public static func withTokens<Answer: Sendable>(
        _ settings: Settings, _ body: @Sendable (ManageTokens) async throws -> Answer
    ) async throws -> Answer {
        let store = try await Databases.openForServer(settings, hub: SignalHub(), logger: quiet)
        let result: Result<Answer, any Error>
        do { result = .success(try await body(ManageTokens(store: store, surroundings: .system))) } catch {
            result = .failure(error)
        }
        await store.close()
        return try result.get()
    }
}

let quiet: Logger = {
    var logger = Logger(label: "mini-ci")
    logger.logLevel = .error
    return logger
}()
