import APISchema
import BuildDomain

/// A history, ordered by what the checks ask for.
package struct Findings: Sendable {
    package struct Submit: Sendable, Hashable {
        package var plan: BuildPlan
        package var key: String
        package var build: BuildID
    }

    package struct Connection: Sendable, Hashable {
        package var lines: [SeenLine]
        package var hasEnded: Bool
    }

    package struct Follower: Sendable, Hashable {
        package var build: BuildID
        package var connections: [Connection] = []
    }

    package struct StoredLog: Sendable, Hashable {
        package var lines: [StoredLine]
        package var sha256: String
    }

    package struct Event: Sendable, Hashable {
        package var build: BuildID
        package var attempt: AttemptID?
        package var kind: String
        package var at: Timestamp
    }

    package var submits: [Submit] = []
    package var cancelsAsked: Set<BuildID> = []
    package var cancelsAccepted: Set<BuildID> = []
    package var injected: [(fault: Fault, at: Timestamp)] = []
    package var mended: [(fault: Fault, at: Timestamp)] = []
    package var followers: [Int: Follower] = [:]
    package var builds: [BuildID: BuildView] = [:]
    package var logs: [AttemptID: StoredLog] = [:]
    package var events: [Event] = []
    /// What is a violation by itself.
    package var reported: [Violation] = []

    package init(_ entries: [Entry]) {
        for entry in entries { take(entry) }
    }

    private mutating func take(_ entry: Entry) {
        switch entry {
        case .began: break
        case .submitted(let plan, let key, let build, _): submits.append(Submit(plan: plan, key: key, build: build))
        case .cancelAsked(let build): cancelsAsked.insert(build)
        case .cancelAccepted(let build, _): cancelsAccepted.insert(build)
        case .injected(let fault, let at): injected.append((fault, at))
        case .mended(let fault, let at): mended.append((fault, at))
        case .followed(let follower, let build, let lines, let hasEnded):
            followers[follower, default: Follower(build: build)].connections
                .append(Connection(lines: lines, hasEnded: hasEnded))
        case .refused(let what, let why): reported.append(Violation(.answers, "\(what): \(why)"))
        case .died(let program, let why): reported.append(Violation(.processes, "\(program): \(why)"))
        case .stored(let build): builds[build.id] = build
        case .log(let attempt, let lines, let sha256): logs[attempt] = StoredLog(lines: lines, sha256: sha256)
        case .event(let build, let attempt, let at, let kind):
            events.append(Event(build: build, attempt: attempt, kind: kind, at: at))
        case .flawed(let what): reported.append(Violation(.verified, what))
        case .left(let what): reported.append(Violation(.nothingLeft, what))
        }
    }

    /// What each build that was acknowledged is to do.
    package var plans: [BuildID: BuildPlan] {
        Dictionary(submits.map { ($0.build, $0.plan) }) { first, _ in first }
    }

    package func wasInjected(_ kind: Fault.Kind) -> Bool { injected.contains { $0.fault.kind == kind } }
}

extension BuildView {
    package var allAttempts: [AttemptView] { jobs.flatMap(\.attempts) }
}
