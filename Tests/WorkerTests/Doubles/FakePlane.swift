import BuildDomain
import Crypto
import Orchestration
import Synchronization
import TestSupport

/// A control plane that keeps what it is told, as strictly as the real one, and fails when it is asked to.
final class FakePlane: ControlPlane {
    /// What goes wrong with one append.
    enum Trouble: Sendable {
        case unavailable
        /// Stored, but the worker does not hear of it.
        case answerLost
        /// Only so many lines were stored.
        case cutAfter(lines: Int)
        case stale
        case rejected
        /// The control plane has lost what it had.
        case forgotten
    }

    struct Record: Sendable {
        var chunks: [LogChunk] = []
        var reports: [AttemptProgress] = []
        var end: AttemptEnd?
        var progress: AttemptProgress?

        var text: [UInt8] { chunks.flatMap(\.text) }
        var extent: LogExtent { chunks.last?.end ?? LogExtent() }
        var lines: [String] {
            String(decoding: text, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
                .dropLast().map { String($0) }
        }
    }

    fileprivate struct State {
        var offers: [Assignment] = []
        var handedOut = 0
        var records: [AttemptID: Record] = [:]
        var ended: [AttemptID] = []
        var stale: Set<AttemptID> = []
        var canceled: Set<AttemptID> = []
        var troubles: [Trouble] = []
        var finishTroubles = 0
        var isAway = false
        var isRejecting = false
        var registrations: [WorkerRegistration] = []
        var renewing: RenewRequest?
        var openCalls = 0
        var writesRefused = 0
    }

    private let state = Mutex(State())
    private let offered = Doorbell()
    private let news = Doorbell()

    func register(_ registration: WorkerRegistration) async throws(ControlPlaneError) {
        try state.withLock { (state) throws(ControlPlaneError) in
            if state.isRejecting { throw .rejected("no") }
            if state.isAway { throw .unavailable("away") }
            state.registrations.append(registration)
        }
    }

    func claim(_ request: ClaimRequest) async throws(ControlPlaneError) -> [Assignment] {
        state.withLock { $0.openCalls += 1 }
        defer { state.withLock { $0.openCalls -= 1 } }
        while !Task.isCancelled {
            let taken = try state.withLock { (state) throws(ControlPlaneError) in
                if state.isAway { throw .unavailable("away") }
                let taken = Array(state.offers.prefix(request.limit))
                state.offers.removeFirst(taken.count)
                state.handedOut += taken.count
                for offer in taken where state.records[offer.reference.attempt] == nil {
                    state.records[offer.reference.attempt] = Record()
                }
                return taken
            }
            if !taken.isEmpty { return taken }
            await offered.wait()
        }
        return []
    }

    func renew(_ request: RenewRequest) async throws(ControlPlaneError) -> [AttemptID: LeaseAnswer] {
        state.withLock {
            $0.openCalls += 1
            $0.renewing = request
        }
        defer {
            state.withLock {
                $0.openCalls -= 1
                $0.renewing = nil
            }
        }
        let answers = try answer(request)
        let isNews = answers.contains {
            $0.value == .stale || $0.value == .cancel && !request.stopping.contains($0.key)
        }
        if isNews { return answers }
        await news.wait()
        return try answer(request)
    }

    private func answer(_ request: RenewRequest) throws(ControlPlaneError) -> [AttemptID: LeaseAnswer] {
        try state.withLock { (state) throws(ControlPlaneError) in
            if state.isAway { throw .unavailable("away") }
            var answers: [AttemptID: LeaseAnswer] = [:]
            for attempt in request.attempts {
                let isGone = state.stale.contains(attempt) || state.records[attempt]?.end != nil
                answers[attempt] = isGone ? .stale : state.canceled.contains(attempt) ? .cancel : .held
            }
            return answers
        }
    }

    func report(_ progress: AttemptProgress, of attempt: AttemptReference) async throws(ControlPlaneError) {
        try state.withLock { (state) throws(ControlPlaneError) in
            try state.checkLive(attempt.attempt)
            state.records[attempt.attempt]?.reports.append(progress)
        }
    }

    func append(_ chunk: LogChunk, to attempt: AttemptReference) async throws(ControlPlaneError) -> LogExtent {
        try state.withLock { (state) throws(ControlPlaneError) in
            try state.checkLive(attempt.attempt)
            return try state.append(chunk, to: attempt.attempt)
        }
    }

    func finish(
        _ attempt: AttemptReference, progress: AttemptProgress, end: AttemptEnd
    ) async throws(ControlPlaneError) {
        try state.withLock { (state) throws(ControlPlaneError) in
            let id = attempt.attempt
            if state.records[id]?.end == end { return }
            try state.checkLive(id)
            let record = state.records[id] ?? Record()
            let hash = hexadecimal(SHA256.hash(data: record.text))
            guard end.seal == LogSeal(extent: record.extent, sha256: hash) else { throw .resume(stored: record.extent) }
            state.records[id]?.end = end
            state.records[id]?.progress = progress
            state.ended.append(id)
            if state.finishTroubles > 0 {
                state.finishTroubles -= 1
                throw .unavailable("the answer was lost")
            }
        }
    }
}

extension FakePlane.State {
    fileprivate mutating func checkLive(_ attempt: AttemptID) throws(ControlPlaneError) {
        if isAway { throw .unavailable("away") }
        if stale.contains(attempt) || records[attempt]?.end != nil {
            writesRefused += 1
            throw .stale
        }
    }

    fileprivate mutating func append(
        _ chunk: LogChunk, to attempt: AttemptID
    ) throws(ControlPlaneError) -> LogExtent {
        let trouble = troubles.isEmpty ? nil : troubles.removeFirst()
        var record = records[attempt] ?? FakePlane.Record()
        switch trouble {
        case .unavailable: throw .unavailable("once")
        case .stale: throw .stale
        case .rejected: throw .rejected("no")
        case .forgotten:
            records[attempt] = FakePlane.Record()
            throw .resume(stored: LogExtent())
        case .cutAfter, .answerLost, nil: break
        }
        do throws(Refusal) {
            if var new = try record.extent.accept(chunk) {
                if case .cutAfter(let lines) = trouble { new = new.firstLines(lines) }
                record.chunks.append(new)
            }
        } catch { throw ControlPlaneError(.refused(error)) }
        records[attempt] = record
        switch trouble {
        case .answerLost: throw .unavailable("the answer was lost")
        case .cutAfter: throw .resume(stored: record.extent)
        default: return record.extent
        }
    }
}

extension LogChunk {
    /// A chunk of only its first lines, as one run.
    fileprivate func firstLines(_ most: Int) -> LogChunk {
        let count = min(most, runs[0].lines)
        var bytes = 0
        for _ in 0..<count { bytes = (text[bytes...].firstIndex(of: LogText.lineFeed) ?? bytes) + 1 }
        var run = runs[0]
        (run.lines, run.bytes) = (count, bytes)
        return LogChunk(offset: offset, firstLine: firstLine, runs: [run], text: Array(text[..<bytes]))
    }
}

/// What tests do to it and see of it.
extension FakePlane {
    func offer(_ assignments: [Assignment]) {
        state.withLock { $0.offers += assignments }
        offered.ring()
    }

    func goAway(_ isAway: Bool = true) {
        state.withLock { $0.isAway = isAway }
        offered.ring()
        news.ring()
    }

    func rejectWorkers() { state.withLock { $0.isRejecting = true } }

    func cancel(_ attempt: AttemptID) {
        _ = state.withLock { $0.canceled.insert(attempt) }
        news.ring()
    }

    func giveUp(_ attempt: AttemptID) {
        _ = state.withLock { $0.stale.insert(attempt) }
        news.ring()
    }

    /// The next appends fail like this, in this order.
    func trouble(_ troubles: [Trouble]) { state.withLock { $0.troubles += troubles } }

    /// The answers of so many finishes are lost.
    func loseFinishAnswers(_ count: Int) { state.withLock { $0.finishTroubles = count } }

    func record(_ attempt: AttemptID) -> Record { state.withLock { $0.records[attempt] ?? Record() } }

    var ended: [AttemptID] { state.withLock { $0.ended } }
    var waitingOffers: Int { state.withLock { $0.offers.count } }
    var registrations: [WorkerRegistration] { state.withLock { $0.registrations } }
    /// Calls that are held open.
    var openCalls: Int { state.withLock { $0.openCalls } }
    /// The renewal that is held open.
    var renewing: RenewRequest? { state.withLock { $0.renewing } }
    /// How often a worker wrote to an attempt it did not have any more.
    var writesRefused: Int { state.withLock { $0.writesRefused } }
}
