import BuildDomain
import Crypto
import Orchestration

/// Does a worker's part, through the use cases.
actor TestWorker {
    private let services: Services
    let reference = WorkerReference(id: WorkerID(high: 1, low: .random(in: 0...(.max))), name: "tester")
    private var end = LogExtent()
    private var text: [UInt8] = []
    private(set) var assignment: Assignment

    /// Takes the oldest job that is waiting.
    init(_ services: Services) async throws {
        self.services = services
        try await services.controlPlane.register(
            WorkerRegistration(id: reference.id, name: reference.name, labels: [], capacity: 1, version: "1"))
        let claimed = try await services.controlPlane.claim(
            ClaimRequest(worker: reference, labels: [], limit: 1, waitMilliseconds: 0))
        guard let assignment = claimed.first else { throw NothingToDo() }
        self.assignment = assignment
    }

    struct NothingToDo: Error {}

    var attempt: AttemptID { assignment.reference.attempt }

    func append(_ lines: String..., step: Int = 2, stream: LogStream = .stdout, isUnterminated: Bool = false)
        async throws
    {
        try await append(lines.map { Array($0.utf8) }, step: step, stream: stream, isUnterminated: isUnterminated)
    }

    func append(
        _ lines: [[UInt8]], step: Int = 2, stream: LogStream = .stdout, isUnterminated: Bool = false
    ) async throws {
        let bytes: [UInt8] = Array(lines.map { $0 + [10] }.joined())
        let run = LogRun(
            time: Timestamp(milliseconds: 1_700_000_000_123), stream: stream, step: step, lines: lines.count,
            bytes: bytes.count, endsUnterminated: isUnterminated)
        let chunk = LogChunk(offset: end.length, firstLine: end.lines + 1, runs: [run], text: bytes)
        end = try await services.controlPlane.append(chunk, to: assignment.reference)
        text += bytes
    }

    func finish(_ outcome: AttemptStatus = .success, reason: Reason? = nil) async throws {
        let seal = LogSeal(extent: end, sha256: hexadecimal(SHA256.hash(data: text)))
        try await services.controlPlane.finish(
            assignment.reference, progress: AttemptProgress(commit: nil, steps: []),
            end: AttemptEnd(outcome: outcome, reason: reason, exitCode: outcome == .success ? 0 : 1, seal: seal))
    }
}
