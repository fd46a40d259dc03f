import Synchronization
import TestSupport
import Testing

@testable import PostgresStore

/// Settings for a database of its own on the shared server.
func freshConfiguration() async throws -> PostgresConfiguration {
    PostgresConfiguration(conninfo: try await PostgresServer.shared().makeDatabase())
}

/// Lends a pool on a fresh database, and closes it.
func withPool<T>(
    limits: PostgresPool.Limits = PostgresPool.Limits(), _ body: (PostgresPool) async throws -> T
) async throws -> T {
    let pool = PostgresPool(try await freshConfiguration(), limits: limits)
    do {
        let value = try await body(pool)
        await pool.close()
        return value
    } catch {
        await pool.close()
        throw error
    }
}

/// The `PostgresError` that `body` throws; anything else fails the test.
func postgresError(
    _ body: () async throws -> some Any, sourceLocation: SourceLocation = #_sourceLocation
) async -> PostgresError? {
    do {
        _ = try await body()
        Issue.record("nothing was thrown", sourceLocation: sourceLocation)
    } catch let error as PostgresError {
        return error
    } catch {
        Issue.record("\(error) was thrown", sourceLocation: sourceLocation)
    }
    return nil
}

/// A door that stays shut until it is opened.
final class Gate: Sendable {
    private let state = Mutex<(isOpen: Bool, waiters: [CheckedContinuation<Void, Never>])>((false, []))

    func wait() async {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if !state.isOpen { state.waiters.append(continuation) }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }

    func open() {
        let waiters = state.withLock { state in
            defer { state = (true, []) }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }
}

/// A list that several threads append to.
final class Recorder<Element: Sendable>: Sendable {
    private let elements = Mutex<[Element]>([])
    var all: [Element] { elements.withLock { $0 } }
    func append(_ element: Element) { elements.withLock { $0.append(element) } }
}
