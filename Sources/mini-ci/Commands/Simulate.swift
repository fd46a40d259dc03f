import ArgumentParser
import Foundation
import MiniCI
import Simulation

struct Simulate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Try the core in a simulated world where processes, disks and networks fail.",
        discussion: """
            Servers, workers and users run under a clock that nobody waits for; the seed decides what goes wrong and \
            when. Every commit is checked, and at the end, when nothing goes wrong any more, every build must come to \
            its end. A seed that finds something is printed with the command that runs it again, and the exit status \
            is 1.

            EXAMPLES
              mini-ci simulate --seed 1 --seeds 1000
              mini-ci simulate --seed 4711 --trace
              mini-ci simulate --until-stopped --faults crash,network
              mini-ci simulate --seed 1 --seeds 2000 --plant no-fencing
            """)

    @Option(help: ArgumentHelp("The first seed.", valueName: "number")) var seed: UInt64 = 1
    @Option(help: ArgumentHelp("How many seeds, one after the other.", valueName: "count")) var seeds: UInt64 = 1
    @Flag(help: "Go on with further seeds until stopped.") var untilStopped = false
    @Option(help: ArgumentHelp("Stop after so many seconds.", valueName: "seconds")) var seconds: Int?
    @Option(help: ArgumentHelp("Builds in each run.", valueName: "count")) var builds = 20
    @Option(help: ArgumentHelp("Workers in each run.", valueName: "count")) var workers = 3
    @Option(help: ArgumentHelp("Servers in each run.", valueName: "count")) var servers = 2
    @Option(help: ArgumentHelp("What may go wrong, by comma.", valueName: "kinds"))
    var faults = FaultKind.allCases.map(\.rawValue).joined(separator: ",")
    @Option(help: ArgumentHelp("A mistake to put in, to see that it is found.", valueName: "bug"))
    var plant: PlantedBug?
    @Option(help: ArgumentHelp("Threads, each with a seed of its own.", valueName: "count"))
    var jobs = ProcessInfo.processInfo.activeProcessorCount
    @Flag(help: "Print everything that happens.") var trace = false

    func validate() throws {
        for (name, value) in [("builds", builds), ("workers", workers), ("servers", servers), ("jobs", jobs)]
        where !(1...1000).contains(value) {
            throw ValidationError("'--\(name)' must be from 1 to 1000; got \(value)")
        }
        _ = try kinds()
    }

    func run() throws {
        hashAlike()
        let kinds = try kinds()
        let last = untilStopped || seconds != nil ? UInt64.max : seed &+ max(1, seeds) - 1
        let settings = SimulationSettings(
            seed: seed, builds: builds, workers: workers, servers: servers, faults: kinds, bug: plant)
        let printing: @Sendable (String) -> Void = { Output.line($0) }
        var deadline: ContinuousClock.Instant?
        if let seconds { deadline = .now + .seconds(seconds) }
        let runner = SeedRunner(
            settings: settings, last: last, deadline: deadline, listener: trace ? printing : nil)
        let failure = runner.run(threads: trace ? 1 : jobs)
        Output.line(runner.summary)
        guard let failure else { return }
        for violation in failure.violations { Output.line("  \(violation)") }
        Output.line("run it again: \(command(for: failure.seed))")
        throw CommandFailure(ending: .buildFailed)
    }

    private func kinds() throws -> Set<FaultKind> {
        var kinds: Set<FaultKind> = []
        for word in faults.split(separator: ",") where word != "none" {
            guard let kind = FaultKind(rawValue: String(word)) else {
                let all = FaultKind.allCases.map(\.rawValue).joined(separator: ", ")
                throw ValidationError("'--faults' takes none or some of \(all); got '\(word)'")
            }
            kinds.insert(kind)
        }
        return kinds
    }

    private func command(for seed: UInt64) -> String {
        var words = ["mini-ci simulate --seed \(seed)"]
        if builds != 20 { words.append("--builds \(builds)") }
        if workers != 3 { words.append("--workers \(workers)") }
        if servers != 2 { words.append("--servers \(servers)") }
        if faults != FaultKind.allCases.map(\.rawValue).joined(separator: ",") { words.append("--faults \(faults)") }
        if let plant { words.append("--plant \(plant.rawValue)") }
        return words.joined(separator: " ")
    }

    /// Sets and dictionaries have another order in every process, unless Swift is told otherwise before it starts.
    private func hashAlike() {
        let name = "SWIFT_DETERMINISTIC_HASHING"
        guard ProcessInfo.processInfo.environment[name] == nil else { return }
        setenv(name, "1", 1)
        var arguments: [UnsafeMutablePointer<CChar>?] = CommandLine.arguments.map { strdup($0) }
        arguments.append(nil)
        execv("/proc/self/exe", arguments)
        Output.note("could not start anew with \(name): runs with the same seed may differ")
    }
}

extension PlantedBug: ExpressibleByArgument {}
