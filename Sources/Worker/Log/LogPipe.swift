import BuildDomain
import Crypto
import DequeModule
import Orchestration
import Synchronization

/// The way of an attempt's output from the runner to the control plane: lines are cut and numbered, spooled to disk,
/// and wait there for the shipper. Writing never waits for the network.
final class LogPipe: Sendable {
    /// Bytes of text after which a chunk is sent.
    static let chunkBytes = 1024 * 1024
    /// Runs after which a chunk is sent, however short they are: their description is sent as well.
    static let chunkRuns = 20_000
    /// Bytes up to which neighbouring runs are joined.
    static let runBytes = 256 * 1024
    /// Runs that may wait with the exact times of their lines. When the control plane is away for long, a run takes
    /// lines of later times as well, so that what waits is on the disk and not in memory.
    static let exactRuns = 100_000

    private struct State {
        var splitters: [LogStream: LineSplitter] = [:]
        var step = 0
        var limit: LogLimit
        var hash = SHA256()
        var spooled = LogExtent()
        /// Describe the text from `shipped` to `spooled`.
        var runs: Deque<LogRun> = []
        var shipped = LogExtent()
        var seal: LogSeal?
        var failure: DiskError?
        var lastOutput: Timestamp
    }

    private let spool: any LogSpool
    private let onFailure: @Sendable (DiskError) -> Void
    private let timekeeper: any Timekeeper
    private let lineLimit: Int
    private let state: Mutex<State>
    /// Rings when there is something to ship, or the log is sealed.
    let news = Doorbell()

    /// - Parameter onFailure: told once, when the spool cannot take what was printed.
    init(
        spool: any LogSpool, timekeeper: any Timekeeper, limits: LogLimits,
        onFailure: @escaping @Sendable (DiskError) -> Void = { _ in }
    ) {
        self.onFailure = onFailure
        self.spool = spool
        self.timekeeper = timekeeper
        // A line must fit into a chunk, and a line of no bytes would never end.
        lineLimit = min(max(1, limits.lineBytes), LogChunk.maximumBytes - 1)
        state = Mutex(State(limit: LogLimit(total: limits.logBytes), lastOutput: timekeeper.now))
    }

    /// When a program last printed anything; at first, when the log began.
    var lastOutput: Timestamp { state.withLock { $0.lastOutput } }

    /// The first failure of the spool; output after it is not kept.
    var failure: DiskError? { state.withLock { $0.failure } }

    /// A sink for the programs of a step (numbered from 1).
    func sink(step: Int) -> any OutputSink {
        state.withLock { $0.step = step }
        return StepSink(pipe: self)
    }

    /// Adds lines in the worker's own words.
    func say(_ text: String) {
        var text = text
        text.append("\n")
        text.withUTF8 { write(UnsafeRawBufferPointer($0), to: .system) }
    }

    fileprivate func write(_ bytes: UnsafeRawBufferPointer, to stream: LogStream) {
        let now = timekeeper.now
        let failure = state.withLock { state -> DiskError? in
            let hadFailed = state.failure != nil
            if stream != .system { state.lastOutput = now }
            var splitter = state.splitters.removeValue(forKey: stream) ?? LineSplitter(limit: lineLimit)
            splitter.add(bytes) { store($0, $1, stream, now, in: &state) }
            state.splitters[stream] = splitter
            return hadFailed ? nil : state.failure
        }
        if let failure { onFailure(failure) }
        news.ring()
    }

    /// A program has ended: lines without a line feed end here.
    func endProgram() {
        let now = timekeeper.now
        state.withLock { state in
            for stream in LogStream.allCases {
                guard var splitter = state.splitters.removeValue(forKey: stream) else { continue }
                splitter.finish { store($0, $1, stream, now, in: &state) }
            }
        }
        news.ring()
    }

    /// Nothing more will be written.
    /// - Returns: what the whole log must be.
    func seal() -> LogSeal {
        endProgram()
        let seal = state.withLock { state in
            releaseHeld(in: &state)
            let seal = LogSeal(extent: state.spooled, sha256: hexadecimal(state.hash.finalize()))
            state.seal = seal
            return seal
        }
        news.ring()
        return seal
    }

    /// The next lines to send; `nil` where none wait.
    func nextChunk() throws(DiskError) -> LogChunk? {
        let (start, runs) = state.withLock { state in
            var bytes = 0
            let runs = state.runs.prefix(Self.chunkRuns).prefix { run in
                defer { bytes += run.bytes }
                return bytes == 0 || bytes + run.bytes <= Self.chunkBytes
            }
            return (state.shipped, Array(runs))
        }
        guard !runs.isEmpty else { return nil }
        let text = try spool.read(at: start.length, count: runs.reduce(0) { $0 + $1.bytes })
        return LogChunk(offset: start.length, firstLine: start.lines + 1, runs: runs, text: text)
    }

    /// The control plane has stored everything up to `extent`.
    /// - Returns: `false` where that is no place this log was ever at: the two logs are not the same.
    func acknowledge(_ extent: LogExtent) -> Bool {
        state.withLock { state in
            while state.shipped.length < extent.length, let run = state.runs.first {
                if state.shipped.length + Int64(run.bytes) <= extent.length {
                    state.shipped.length += Int64(run.bytes)
                    state.shipped.lines += Int64(run.lines)
                    state.runs.removeFirst()
                } else {
                    // The run grew after the chunk was built; its beginning is what was acknowledged.
                    let lines = extent.lines - state.shipped.lines
                    guard lines > 0, lines < Int64(run.lines) else { return false }
                    state.runs[0].bytes -= Int(extent.length - state.shipped.length)
                    state.runs[0].lines -= Int(lines)
                    state.shipped = extent
                }
            }
            return state.shipped == extent
        }
    }

    /// Everything that will ever be in the log has been sent.
    var isShipped: Bool { state.withLock { $0.seal?.extent == $0.shipped } }

    private func store(
        _ bytes: UnsafeRawBufferPointer, _ piece: LineSplitter.Piece, _ stream: LogStream, _ now: Timestamp,
        in state: inout State
    ) {
        let ending = piece.isUnterminated ? 1 : 0
        let run = LogRun(
            time: now, stream: stream, step: state.step, lines: piece.lines, bytes: bytes.count + ending,
            endsUnterminated: piece.isUnterminated)
        let wasReached = state.limit.isReached
        if state.limit.admits(run.bytes, after: state.spooled.length) {
            append(run, bytes, in: &state)
        } else {
            if !wasReached {
                appendNote("log limit of \(state.limit.total) bytes reached; only the end will follow", now, &state)
            }
            state.limit.hold(run, Array(bytes) + (piece.isUnterminated ? [LogText.lineFeed] : []))
        }
    }

    private func append(_ run: LogRun, _ bytes: UnsafeRawBufferPointer, in state: inout State) {
        guard state.failure == nil else { return }
        do {
            try spool.append(bytes)
            if bytes.count < run.bytes {
                try withUnsafeBytes(of: LogText.lineFeed) { (feed) throws(DiskError) in try spool.append(feed) }
            }
            // Only now, so that the seal is about what is counted.
            state.hash.update(bufferPointer: bytes)
            if bytes.count < run.bytes { state.hash.update(data: [LogText.lineFeed]) }
        } catch {
            state.failure = error
            return
        }
        state.spooled.length += Int64(run.bytes)
        state.spooled.lines += Int64(run.lines)
        let isExact = state.runs.count < Self.exactRuns
        if let last = state.runs.last, last.canJoin(run, bytes: Self.runBytes, sameTime: isExact) {
            state.runs[state.runs.count - 1].join(run)
        } else {
            state.runs.append(run)
        }
    }

    private func appendNote(_ text: String, _ now: Timestamp, _ state: inout State) {
        let line = Array("--- \(text) ---\n".utf8)
        let run = LogRun(time: now, stream: .system, step: state.step, lines: 1, bytes: line.count)
        line.withUnsafeBytes { append(run, $0, in: &state) }
    }

    private func releaseHeld(in state: inout State) {
        guard state.limit.isReached else { return }
        if state.limit.omittedLines > 0 {
            let (lines, bytes) = (state.limit.omittedLines, state.limit.omittedBytes)
            appendNote("\(lines) lines (\(bytes) bytes) are left out here", timekeeper.now, &state)
        }
        for held in state.limit.held { held.text.withUnsafeBytes { append(held.run, $0, in: &state) } }
    }
}

extension LogRun {
    /// Whether lines of `next` can be counted to this run.
    /// - Parameter limit: of the bytes of both.
    func canJoin(_ next: LogRun, bytes limit: Int, sameTime: Bool = true) -> Bool {
        (time == next.time || !sameTime) && stream == next.stream && step == next.step && !endsUnterminated
            && bytes + next.bytes <= limit
    }

    mutating func join(_ next: LogRun) {
        lines += next.lines
        bytes += next.bytes
        endsUnterminated = next.endsUnterminated
    }
}

private struct StepSink: OutputSink {
    let pipe: LogPipe

    func write(_ bytes: UnsafeRawBufferPointer, to stream: LogStream) { pipe.write(bytes, to: stream) }
}
