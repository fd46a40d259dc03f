import BuildDomain
import Orchestration

/// Body of `POST /api/v1/worker/claim` is `ClaimRequest`; this is the answer.
public struct ClaimAnswer: Codable, Sendable, Hashable {
    public var assignments: [Assignment]
    public init(assignments: [Assignment]) { self.assignments = assignments }
}

/// Answer to `POST /api/v1/worker/renew` (`RenewRequest`).
public struct RenewAnswer: Codable, Sendable, Hashable {
    public struct Entry: Codable, Sendable, Hashable {
        public var attempt: AttemptID
        public var answer: LeaseAnswer
    }

    public var attempts: [Entry]

    public init(_ answers: [AttemptID: LeaseAnswer]) {
        attempts = answers.map { Entry(attempt: $0.key, answer: $0.value) }.sorted { $0.attempt < $1.attempt }
    }

    public var byAttempt: [AttemptID: LeaseAnswer] {
        Dictionary(attempts.map { ($0.attempt, $0.answer) }) { $1 }
    }
}

/// Body of `POST …/report`.
public struct ReportMessage: Codable, Sendable, Hashable {
    public var reference: AttemptReference
    public var progress: AttemptProgress

    public init(reference: AttemptReference, progress: AttemptProgress) {
        self.reference = reference
        self.progress = progress
    }
}

/// Body of `POST …/finish`.
public struct FinishMessage: Codable, Sendable, Hashable {
    public var reference: AttemptReference
    public var progress: AttemptProgress
    public var end: AttemptEnd

    public init(reference: AttemptReference, progress: AttemptProgress, end: AttemptEnd) {
        self.reference = reference
        self.progress = progress
        self.end = end
    }
}

/// The body of a log append: offset (8 bytes), first line (8), number of runs (4), all little-endian, the runs as
/// `LogRun.encode`, then the text.
public enum ChunkCoding {
    public static func encode(_ chunk: LogChunk) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(20 + chunk.runs.count * LogRun.encodedSize + chunk.text.count)
        withUnsafeBytes(of: chunk.offset.littleEndian) { bytes.append(contentsOf: $0) }
        withUnsafeBytes(of: chunk.firstLine.littleEndian) { bytes.append(contentsOf: $0) }
        withUnsafeBytes(of: UInt32(chunk.runs.count).littleEndian) { bytes.append(contentsOf: $0) }
        bytes.append(contentsOf: LogRun.encode(chunk.runs))
        bytes.append(contentsOf: chunk.text)
        return bytes
    }

    /// - Returns: `nil` where the bytes are not an encoded chunk; whether it makes sense is for the domain to say.
    public static func decode(_ bytes: [UInt8]) -> LogChunk? {
        guard bytes.count >= 20 else { return nil }
        let number = { (range: Range<Int>) in range.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64(bytes[$1]) } }
        let runsEnd = 20 + Int(number(16..<20)) * LogRun.encodedSize
        guard runsEnd <= bytes.count, let runs = LogRun.decode(bytes[20..<runsEnd]) else { return nil }
        return LogChunk(
            offset: Int64(bitPattern: number(0..<8)), firstLine: Int64(bitPattern: number(8..<16)), runs: runs,
            text: Array(bytes[runsEnd...]))
    }
}
