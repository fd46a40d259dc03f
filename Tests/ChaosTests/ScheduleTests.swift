import Chaos
import Testing

@Suite struct ScheduleTests {
    private let sites = Schedule.Sites(servers: 2, workers: 4, databases: 1, links: 6, disks: 1)

    private func schedule(seed: UInt64, length: Int = 600_000) -> [Fault] {
        Schedule(seed: seed, length: length, lease: 3000, pace: 1000, sites: sites).faults
    }

    @Test func theSameSeedGivesTheSameScheduleAndAnotherAnother() {
        #expect(schedule(seed: 1) == schedule(seed: 1))
        #expect(schedule(seed: 1) != schedule(seed: 2))
    }

    @Test(arguments: 1...20) func everythingIsBrokenAndMendedWithinTheRun(seed: UInt64) {
        let faults = schedule(seed: seed)
        #expect(Set(faults.map(\.kind)) == Set(Fault.Kind.allCases))
        #expect(faults.allSatisfy { $0.atMilliseconds >= 0 })
        #expect(faults.allSatisfy { $0.atMilliseconds + $0.lengthMilliseconds <= 600_000 })
        #expect(faults.allSatisfy { (0..<sites.count($0.kind.site)).contains($0.target) })
    }

    @Test(arguments: 1...20) func nothingIsBrokenTwiceAtOnce(seed: UInt64) {
        for (_, faults) in Dictionary(grouping: schedule(seed: seed), by: \.place) {
            for (first, second) in zip(faults, faults.dropFirst()) {
                #expect(first.atMilliseconds + first.lengthMilliseconds <= second.atMilliseconds)
            }
        }
    }

    @Test func stopsLastLongerThanALease() {
        let stops = schedule(seed: 3).filter { $0.kind == .stopWorker || $0.kind == .stopServer }
        #expect(!stops.isEmpty)
        #expect(stops.allSatisfy { $0.lengthMilliseconds > 3000 })
    }

    @Test func whatIsNotThereIsNotBroken() {
        let faults = Schedule(seed: 1, length: 100_000, lease: 1000, pace: 500, sites: .init(servers: 1)).faults
        #expect(Set(faults.map(\.kind)) == [.killServer, .stopServer, .restartServer])
    }
}
