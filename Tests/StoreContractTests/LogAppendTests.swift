import BuildDomain
import Orchestration
import Testing

@Suite(.timeLimit(.minutes(1))) struct LogAppendTests {
    @Test(arguments: StoreKind.allCases) func repeatedAndOverlappingChunksAddOnlyWhatIsNew(kind: StoreKind) async throws
    {
        try await kind.use { test in
            let attempt = try await test.start().attempt
            func append(_ lines: ClosedRange<Int>) async throws -> LogExtent {
                try await test.store.append(Fixture.chunk(lines), to: attempt)
            }
            #expect(try await append(1...5) == Fixture.chunk(1...5).end)
            #expect(try await append(1...5) == Fixture.chunk(1...5).end)
            #expect(try await append(2...3) == Fixture.chunk(1...5).end)
            #expect(try await append(4...9) == Fixture.chunk(1...9).end)
            #expect(try await append(1...12) == Fixture.chunk(1...12).end)
            #expect(try await test.store.extent(of: attempt) == Fixture.chunk(1...12).end)
            let chunks = try await test.store.log(of: attempt, from: 1, byteLimit: .max)
            #expect(chunks.flatMap(\.text) == Fixture.chunk(1...12).text)
            #expect(chunks.map(\.firstLine) == [1, 6, 10])
        }
    }

    @Test(arguments: StoreKind.allCases) func aGapIsRefused(kind: StoreKind) async throws {
        try await kind.use { test in
            let attempt = try await test.start().attempt
            await #expect(throws: StoreError.refused(.logGap(stored: LogExtent()))) {
                try await test.store.append(Fixture.chunk(2...3), to: attempt)
            }
            let stored = try await test.store.append(Fixture.chunk(1...2), to: attempt)
            await #expect(throws: StoreError.refused(.logGap(stored: stored))) {
                try await test.store.append(Fixture.chunk(4...5), to: attempt)
            }
            #expect(try await test.store.extent(of: attempt) == stored)
        }
    }

    @Test(arguments: StoreKind.allCases) func aContradictionIsRefused(kind: StoreKind) async throws {
        try await kind.use { test in
            let attempt = try await test.start().attempt
            let stored = try await test.store.append(Fixture.chunk(1...3), to: attempt)
            let conflict = StoreError.refused(.logConflict(stored: stored))
            var bad = [
                Fixture.chunk(4...5, at: stored.length, firstLine: 5), Fixture.chunk(4...5, at: stored.length - 1),
            ]
            bad.append(Fixture.chunk(4...5, at: -1))
            var miscounted = Fixture.chunk(4...5)
            miscounted.runs[0].lines = 1
            bad.append(miscounted)
            var unended = Fixture.chunk(4...5)
            unended.text[unended.text.count - 1] = UInt8(ascii: "!")
            bad.append(unended)
            for chunk in bad {
                await #expect(throws: conflict) { try await test.store.append(chunk, to: attempt) }
            }
            #expect(try await test.store.extent(of: attempt) == stored)
        }
    }

    @Test(arguments: StoreKind.allCases) func aChunkHasAGreatestSize(kind: StoreKind) async throws {
        try await kind.use { test in
            let attempt = try await test.start().attempt
            func chunk(bytes: Int) -> LogChunk {
                let text = [UInt8](repeating: 0, count: bytes - 1) + [LogText.lineFeed]
                let run = LogRun(time: Timestamp(milliseconds: 0), stream: .stderr, step: 1, lines: 1, bytes: bytes)
                return LogChunk(offset: 0, firstLine: 1, runs: [run], text: text)
            }
            await #expect(throws: StoreError.refused(.logConflict(stored: LogExtent()))) {
                try await test.store.append(chunk(bytes: LogChunk.maximumBytes + 1), to: attempt)
            }
            let largest = chunk(bytes: LogChunk.maximumBytes)
            #expect(try await test.store.append(largest, to: attempt) == largest.end)
            #expect(try await test.store.log(of: attempt, from: 1, byteLimit: 1) == [largest])
        }
    }

    @Test(arguments: StoreKind.allCases) func anEmptyChunkChangesNothing(kind: StoreKind) async throws {
        try await kind.use { test in
            let attempt = try await test.start().attempt
            let empty = LogChunk(offset: 0, firstLine: 1, runs: [], text: [])
            #expect(try await test.store.append(empty, to: attempt) == LogExtent())
            #expect(try await test.store.log(of: attempt, from: 1, byteLimit: .max).isEmpty)
        }
    }

    @Test(arguments: StoreKind.allCases) func manyWritersOfOneLogMakeOneLog(kind: StoreKind) async throws {
        try await kind.use { test in
            let attempt = try await test.start().attempt
            try await concurrently(16) { _ in
                for last in stride(from: 5, through: 100, by: 5) {
                    _ = try await test.store.append(Fixture.chunk((last - 4)...last), to: attempt)
                }
            }
            let chunks = try await test.store.log(of: attempt, from: 1, byteLimit: .max)
            #expect(chunks.flatMap(\.text) == Fixture.chunk(1...100).text)
            #expect(chunks.count == 20)
        }
    }
}
