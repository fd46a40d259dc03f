/// How often things go wrong in one run. Each run draws its own plan, in which some faults are frequent and others do
/// not happen at all: rare bugs hide where everything fails a little.
struct FaultPlan {
    /// Of a process dying, per step.
    var crash = 0.0
    /// Of a process being stopped for a while, per step.
    var pause = 0.0
    var requestLost = 0.0
    var answerLost = 0.0
    var duplicate = 0.0
    /// Of a message taking very long.
    var delay = 0.0
    var storeBefore = 0.0
    var storeAfter = 0.0
    /// Of the store going away for a while, per step.
    var storeAway = 0.0
    /// Of a worker's disk being full for a while, per step.
    var diskFull = 0.0
    /// The most a clock is wrong, in milliseconds.
    var clockError: Int64 = 0

    init(_ kinds: Set<FaultKind>, _ random: inout Randomness) {
        if kinds.contains(.crash) { crash = Self.draw(0.004, &random) }
        if kinds.contains(.pause) { pause = Self.draw(0.001, &random) }
        if kinds.contains(.network) {
            requestLost = Self.draw(0.1, &random)
            answerLost = Self.draw(0.1, &random)
            duplicate = Self.draw(0.1, &random)
            delay = Self.draw(0.1, &random)
        }
        if kinds.contains(.store) {
            storeBefore = Self.draw(0.05, &random)
            storeAfter = Self.draw(0.05, &random)
            storeAway = Self.draw(0.0005, &random)
        }
        if kinds.contains(.disk) { diskFull = Self.draw(0.0005, &random) }
        if kinds.contains(.clock), random.chance(0.5) { clockError = 3_600_000 }
    }

    private static func draw(_ most: Double, _ random: inout Randomness) -> Double {
        guard random.chance(0.5) else { return 0 }
        // Over orders of magnitude: rarely often, often rarely.
        let scale = Double(random.pick(0...1000)) / 1000
        return most * scale * scale * scale
    }
}
