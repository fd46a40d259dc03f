/// Whether the store can be written to, remembered for a moment: everybody may ask, and the store must not feel it.
actor StoreHealth {
    private let memory: Duration
    private let check: @Sendable () async throws -> Void
    private var last: (at: ContinuousClock.Instant, answer: Task<Void, any Error>)?

    init(memory: Duration, check: @escaping @Sendable () async throws -> Void) {
        self.memory = memory
        self.check = check
    }

    /// - Throws: what stands in the way.
    func callAsFunction() async throws {
        if let last, last.at.duration(to: .now) < memory { return try await last.answer.value }
        let answer = Task { [check] in try await check() }
        // Before the answer is there, so that those who ask meanwhile wait for the same one.
        last = (.now, answer)
        try await answer.value
    }
}
