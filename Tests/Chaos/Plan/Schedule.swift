import TestSupport

/// Which faults a run injects, and when. The same seed and settings give the same schedule.
package struct Schedule: Sendable, Hashable {
    /// What a run has that can break.
    package struct Sites: Sendable, Hashable {
        package var servers = 0
        package var workers = 0
        package var databases = 0
        package var links = 0
        package var disks = 0

        package init(servers: Int = 0, workers: Int = 0, databases: Int = 0, links: Int = 0, disks: Int = 0) {
            self.servers = servers
            self.workers = workers
            self.databases = databases
            self.links = links
            self.disks = disks
        }

        package func count(_ site: Fault.Site) -> Int {
            switch site {
            case .server: servers
            case .worker: workers
            case .database: databases
            case .link: links
            case .disk: disks
            }
        }
    }

    package var faults: [Fault] = []

    /// - Parameters:
    ///   - length: faults begin and end within it, in milliseconds.
    ///   - lease: of attempts, in milliseconds; stops last longer than it.
    ///   - pace: milliseconds from one fault to the next, on average.
    package init(seed: UInt64, length: Int, lease: Int, pace: Int, sites: Sites) {
        var generator = SeededGenerator(seed: seed)
        var busyUntil: [Fault.Place: Int] = [:]
        var bag: [Fault.Kind] = []
        let kinds = Fault.Kind.allCases.filter { sites.count($0.site) > 0 }
        guard !kinds.isEmpty else { return }
        // In a short run nothing may be broken for most of it.
        let longest = max(lease * 3 / 2, min(3 * lease, length / 4))
        // Faults come while work is in progress; the first builds need a moment.
        var now = min(1000, pace)
        while now < length {
            // Every kind comes once before any comes again, so that a short run has nearly all.
            if bag.isEmpty { bag = kinds.shuffled(using: &generator) }
            // What is broken already, or would be for too long, makes room for the next.
            for (index, kind) in bag.enumerated() {
                let target = Int.random(in: 0..<sites.count(kind.site), using: &generator)
                let duration = Self.duration(of: kind, lease: lease, longest: longest, &generator)
                let place = Fault.Place(site: kind.site, target: target)
                guard now >= busyUntil[place] ?? 0, now + duration <= length else { continue }
                faults.append(Fault(kind: kind, target: target, atMilliseconds: now, lengthMilliseconds: duration))
                // What was mended needs time to come back, or it would never take part.
                busyUntil[place] = now + duration + lease
                bag.remove(at: index)
                break
            }
            now += Int.random(in: pace / 2...pace * 3 / 2, using: &generator)
        }
    }

    private static func duration(
        of kind: Fault.Kind, lease: Int, longest: Int, _ generator: inout SeededGenerator
    ) -> Int {
        switch kind {
        case .endSessions, .reset: 0
        case .killServer, .killWorker: Int.random(in: 0...longest, using: &generator)
        case .restartServer, .restartWorker: Int.random(in: 0...lease, using: &generator)
        // Longer than a lease: the attempts go to somebody else while their worker sleeps.
        case .stopServer, .stopWorker: Int.random(in: lease * 5 / 4...longest, using: &generator)
        case .crashDatabase: Int.random(in: 0...lease * 2, using: &generator)
        case .delay, .drop, .halfOpen: Int.random(in: lease / 3...longest, using: &generator)
        case .fillDisk: Int.random(in: lease...longest, using: &generator)
        }
    }
}
