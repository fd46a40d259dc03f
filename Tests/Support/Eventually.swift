/// What a test waited for did not come.
public struct NeverHappened: Error, CustomStringConvertible {
    public let description: String

    public init(description: String) { self.description = description }
}

/// Gives other tasks the processor until `condition` holds. Time plays no part in the outcome: the limit is only there
/// so that a test that would hang fails instead.
/// - Throws: ``NeverHappened`` after half a minute.
public func eventually(
    _ what: String, isolation: isolated (any Actor)? = #isolation, _ condition: () async throws -> Bool
) async throws {
    let clock = ContinuousClock()
    let limit = clock.now + .seconds(30)
    var rounds = 0
    while try await !condition() {
        rounds += 1
        guard clock.now < limit else { throw NeverHappened(description: "never happened: \(what)") }
        if rounds < 200 { await Task.yield() } else { try await Task.sleep(for: .milliseconds(1)) }
    }
}

/// Gives other tasks the processor for a while, to let happen what should not.
public func giveWay() async {
    for _ in 0..<100 { await Task.yield() }
}
