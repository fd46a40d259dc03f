import BuildDomain

/// Runs the real core against a simulated world in which everything that can go wrong does: the real domain, use
/// cases, memory store and worker loop, under a clock that nobody waits for.
///
/// Everything is decided by the seed, so a run that finds something can be run again, as often as it takes. That needs
/// Swift's hashing to be the same in every process, for which `SWIFT_DETERMINISTIC_HASHING` must be set.
public enum Simulation {
    /// Milliseconds within which everything ends once nothing goes wrong any more.
    static let bound: Int64 = 3_600_000

    /// - Parameter listener: told everything that happens.
    public static func run(
        _ settings: SimulationSettings, listener: ((String) -> Void)? = nil
    ) -> SimulationReport {
        let world = World(settings: settings, listener: listener)
        let (scheduler, checker) = (world.scheduler, world.checker)
        let start = scheduler.now
        scheduler.run {
            world.start()
            world.startUsers()
            let healing = start + Int64(scheduler.random.pick(60_000...240_000))
            while scheduler.now < healing, checker.violations.isEmpty {
                world.strike()
                if !scheduler.step() { break }
            }
            world.heal()
            let end = scheduler.now + bound
            while scheduler.now < end, checker.violations.isEmpty, !world.isDone, scheduler.step() {}
            if checker.violations.isEmpty { checker.finish(builds: settings.builds, leftovers: world.leftovers) }
        }
        let report = SimulationReport(
            seed: settings.seed, traceHash: scheduler.trace.hash, violations: checker.violations,
            steps: scheduler.steps, simulatedSeconds: Double(scheduler.now - start) / 1000, builds: settings.builds,
            attempts: checker.attempts, faults: world.faults)
        world.end()
        return report
    }
}
