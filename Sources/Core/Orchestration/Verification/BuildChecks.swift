import BuildDomain

/// What of a build can be judged without reading its logs: rows and history by themselves, and each by the other.
struct BuildChecks {
    var rows: Result<Build, StoreError>
    var history: Result<[RecordedEvent], StoreError>

    /// The build, by its rows or else by its history; `nil` where neither makes one.
    var build: Build? {
        if let build = try? rows.get() { return build }
        return (try? history.get()).flatMap { try? Build(replaying: $0) }
    }

    var findings: [HistoryFinding] {
        var findings: [HistoryFinding] = []
        switch rows {
        case .success(let build): findings += Self.attempts(of: build)
        case .failure(let error): findings.append(Self.unread("rows", error))
        }
        switch history {
        case .success(let events):
            findings += ends(in: events)
            findings += replay(events)
        case .failure(let error): findings.append(Self.unread("history", error))
        }
        return findings
    }

    private static func unread(_ what: String, _ error: StoreError) -> HistoryFinding {
        switch error {
        case .notFound: HistoryFinding(.lost, what, expected: "the \(what) of the build", found: "none")
        case .broken(let message), .unavailable(let message), .outcomeUnknown(let message):
            HistoryFinding(.unreadable, what, expected: "\(what) that can be read", found: message)
        case .refused(let refusal):
            HistoryFinding(.unreadable, what, expected: "\(what) that can be read", found: "\(refusal)")
        }
    }

    private static func attempts(of build: Build) -> [HistoryFinding] {
        var findings: [HistoryFinding] = []
        for job in build.jobs {
            let live = job.attempts.filter(\.isLive)
            if live.count > 1 {
                findings.append(
                    HistoryFinding(
                        .attempts, "live attempts of job \(job.spec.name)", of: live.last?.id, expected: "at most 1",
                        found: live.map(\.id.description).joined(separator: ", ")))
            }
            let cap = RetryPolicy.standard.hardCap
            // Who asks for a job once more begins a new count.
            let count = job.attempts.count - job.attemptsBeforeRerun
            if count > cap {
                findings.append(
                    HistoryFinding(
                        .attempts, "attempts of job \(job.spec.name)", of: job.attempts.last?.id,
                        expected: "at most \(cap)", found: "\(count)"))
            }
        }
        return findings
    }

    /// Every attempt that has ended has one accepted end, and a live one has none.
    private func ends(in events: [RecordedEvent]) -> [HistoryFinding] {
        var ends: [AttemptID: Int] = [:]
        for case .attemptEnded(_, let attempt, _) in events.map(\.event) { ends[attempt, default: 0] += 1 }
        // Without rows, nothing tells which attempts have ended; none can have done so twice.
        var expected = ends.mapValues { min($0, 1) }
        for attempt in (try? rows.get())?.jobs.flatMap(\.attempts) ?? [] {
            expected[attempt.id] = attempt.isLive ? 0 : 1
        }
        return expected.sorted { $0.key < $1.key }.compactMap { attempt, expected in
            let found = ends[attempt] ?? 0
            guard found != expected else { return nil }
            return HistoryFinding(
                .end, "ends in the history", of: attempt, expected: "\(expected)", found: "\(found)")
        }
    }

    private func replay(_ events: [RecordedEvent]) -> [HistoryFinding] {
        do throws(Refusal) {
            guard let replayed = try Build(replaying: events) else {
                let first = events.first?.event.kind ?? "nothing"
                return [HistoryFinding(.lost, "first event", expected: "submitted", found: first)]
            }
            guard case .success(let build) = rows else { return [] }
            return BuildDifferences.between(expected: replayed.withoutLeases, found: build.withoutLeases)
        } catch { return [Self.impossible(error, in: events)] }
    }

    private static func impossible(_ refusal: Refusal, in events: [RecordedEvent]) -> HistoryFinding {
        // The least number of events that cannot be replayed ends with the one that is wrong.
        var (possible, count) = (1, events.count)
        while possible + 1 < count {
            let middle = possible + (count - possible) / 2
            if (try? Build(replaying: Array(events.prefix(middle)))) == nil {
                count = middle
            } else {
                possible = middle
            }
        }
        let event = events[count - 1].event
        return HistoryFinding(
            .transition, "event \(count) of \(events.count), \(event.kind)", of: event.attempt,
            expected: "an event that the ones before allow", found: refusal.words)
    }
}

extension Refusal {
    fileprivate var words: String {
        switch self {
        case .illegalTransition(let machine, let from, let event): "\(event) of a \(machine) that is \(from)"
        case .staleAttempt(let attempt): "one of the attempt \(attempt), which is not live"
        case .alreadyFinished(let status): "one of a build that is \(status.rawValue)"
        case .nothingToRerun: "a rerun of a job that the build does not have"
        case .cancelUnderWay, .logGap, .logConflict, .logNotSealed: "\(self)"
        }
    }
}
