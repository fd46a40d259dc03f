import APISchema
import BuildDomain
import Foundation
import NIOCore
import Orchestration
import Testing

@testable import APIServer

/// The hand-written JSON says the same as `Codable` would.
@Suite struct JSONTests {
    private func decode<Value: Decodable>(_ buffer: ByteBuffer) throws -> Value {
        try JSONDecoder().decode(Value.self, from: Data(buffer.readableBytesView))
    }

    /// A build in which every optional has a value, after a failed attempt and a running one.
    private func fullBuild() throws -> Build {
        let now = Timestamp(milliseconds: 1_769_850_300_250)
        let spec = JobSpec(
            name: "build \"x\"\n", needs: [], labels: [try Label("b"), try Label("a")],
            steps: [.checkout, .run(command: "make")], environment: ["Z": "1", "A": "ä\u{0}\u{1F600}"],
            timeoutSeconds: 60, maxAttempts: 3)
        var build = Build(
            seed: BuildSeed(
                id: BuildID(high: 0x0123_4567_89AB_7DEF, low: 0x8000_0000_0000_0001),
                repository: try RepositoryURL("https://example.org/a.git", allowLocal: false), ref: try GitRef("main"),
                command: "make \\ \u{7F} \u{2028}", priority: -7,
                jobs: [JobSeed(id: JobID(high: 1, low: 2), spec: spec)]), at: now)
        let worker = WorkerReference(id: WorkerID(high: 5, low: 6), name: "wörker")
        for attempt in 1...2 {
            let id = AttemptID(high: 9, low: UInt64(attempt))
            try build.claim(
                job: JobID(high: 1, low: 2), attempt: id, worker: worker, lease: .seconds(20),
                at: now + .seconds(attempt))
            let steps = [
                Step(
                    name: "checkout", startedAt: now, finishedAt: now + .seconds(1), outcome: .success,
                    conclusion: .success, exitCode: 0), Step(name: "make"),
            ]
            try build.report(
                AttemptProgress(commit: CommitSHA(String(repeating: "a1", count: 20)), steps: steps), attempt: id,
                at: now)
            if attempt == 1 {
                let end = AttemptEnd(
                    outcome: .failed, reason: .script, exitCode: 2, signal: 9, error: "it broke", seal: .empty)
                try build.finish(
                    attempt: id, progress: AttemptProgress(commit: nil, steps: steps), end: end, stored: LogExtent(),
                    retry: .immediate, random: 0, at: now)
            }
        }
        return build
    }

    @Test func aBuildIsWhatCodableMakesOfIt() throws {
        var build = try fullBuild()
        for _ in 0..<2 {
            let view = BuildView(build)
            let written: BuildView = try decode(JSONWriter.buffer { $0.value(view) })
            #expect(written == view)
            try build.cancel(at: Timestamp(milliseconds: 1_769_850_400_000))
        }
    }

    @Test func everyMemberIsThereAlsoWithoutAValue() throws {
        let view = BuildView(
            Build(
                seed: BuildSeed(
                    id: BuildID(high: 1, low: 1), repository: RepositoryURL(accepted: "/a"), ref: GitRef(accepted: "b"),
                    command: nil, priority: 0, jobs: []), at: Timestamp(milliseconds: 0)))
        let buffer = JSONWriter.buffer { $0.value(view) }
        let object = try #require(JSONSerialization.jsonObject(with: Data(buffer.readableBytesView)) as? [String: Any])
        #expect(object.count == 19)
        #expect(object["commit_sha"] is NSNull && object["created_at"] as? String == "1970-01-01T00:00:00.000Z")
    }

    @Test func timesAndNumbersAreWrittenLikeTheirDescriptions() {
        var generator = SeededGenerator(seed: 1)
        var times: [Int64] = [
            0, -1, 951_782_400_000, 951_868_799_999, -62_167_219_200_000, 253_402_300_799_999, 1 << 60,
        ]
        times += (0..<1000).map { _ in .random(in: -62_167_219_200_000...253_402_300_799_999, using: &generator) }
        for milliseconds in times {
            var buffer = ByteBuffer()
            let time = Timestamp(milliseconds: milliseconds)
            buffer.writeTimestamp(time)
            #expect(String(buffer: buffer) == time.description)
        }
        for number in [0, 1, -1, 9, 10, Int64.max, Int64.min] {
            var buffer = ByteBuffer()
            buffer.writeDecimal(number)
            #expect(String(buffer: buffer) == "\(number)")
        }
        var buffer = ByteBuffer()
        buffer.writeIdentifier(BuildID(high: 0xFEDC_BA98_7654_3210, low: 0x0123_4567_89AB_CDEF))
        #expect(String(buffer: buffer) == "fedcba98-7654-3210-0123-456789abcdef")
    }

    @Test func anyBytesBecomeTheTextThatSwiftWouldReadInThem() throws {
        var generator = SeededGenerator(seed: 2)
        // Bytes that begin, continue and break sequences, and everything that needs an escape.
        let alphabet: [UInt8] =
            [
                0, 9, 10, 13, 27, 34, 92, 127, 0x20, 0x41, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF,
                0xE0,
            ]
            + [0xE1, 0xEC, 0xED, 0xEE, 0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF]
        for _ in 0..<5000 {
            let bytes = (0..<Int.random(in: 0...12, using: &generator)).map { _ in
                alphabet.randomElement(using: &generator) ?? 0
            }
            var buffer = ByteBuffer()
            bytes.withUnsafeBufferPointer { buffer.writeJSONString($0) }
            #expect(!buffer.readableBytesView.contains { $0 < 0x20 })
            let text: String = try decode(buffer)
            #expect(text == String(decoding: bytes, as: UTF8.self))
        }
    }

    @Test func cursorsReadWhatTheyWroteAndNothingElse() {
        let id = BuildID(high: .max - 5, low: 77)
        #expect(Cursor.decode(Cursor.encode(id)) == id)
        for text in ["", "AQ", String(repeating: "A", count: 24), Cursor.encode(id) + "A", "AQ+AAAAAAAAAAAAAAAAAAAAA"] {
            #expect(Cursor.decode(text) == nil)
        }
    }

    @Test func linesAreFoundFromAnywhereInAChunk() {
        let runs = [(1, LogStream.stdout, 2), (2, .stderr, 3), (2, .system, 1)].map { step, stream, lines in
            LogRun(time: Timestamp(milliseconds: 1), stream: stream, step: step, lines: lines, bytes: 3 * lines)
        }
        let texts = (1...6).map { "l\($0)" }
        let chunk = LogChunk(
            offset: 0, firstLine: 10, runs: runs, text: Array((texts.joined(separator: "\n") + "\n").utf8))
        for first in Int64(0)...17 {
            var cursor = LineCursor(chunk, from: first)
            var found: [String] = []
            while let line = cursor.next() { found.append(String(decoding: chunk.text[line.range], as: UTF8.self)) }
            #expect(found == Array(texts.dropFirst(max(0, Int(first) - 10))))
        }
    }
}

/// Random numbers that are the same in every run (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
