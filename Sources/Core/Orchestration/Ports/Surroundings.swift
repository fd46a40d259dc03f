import BuildDomain

/// The time of this process: for log lines, waits and ids, never for leases.
public protocol Timekeeper: Sendable {
    var now: Timestamp { get }
    /// - Throws: `CancellationError` when the task is cancelled meanwhile.
    func sleep(for duration: Duration) async throws(CancellationError)
}

/// Randomness fit for secrets.
public protocol Entropy: Sendable {
    func random() -> UInt64
}

/// What the core needs of the world around it and must not fetch itself, so that a simulation can supply it.
public struct Surroundings: Sendable {
    public let timekeeper: any Timekeeper
    public let entropy: any Entropy

    public init(timekeeper: any Timekeeper, entropy: any Entropy) {
        self.timekeeper = timekeeper
        self.entropy = entropy
    }

    /// A new UUIDv7.
    public func identifier<Kind>() -> Identifier<Kind> {
        Identifier(at: timekeeper.now, random: (entropy.random(), entropy.random()))
    }
}
