import BuildDomain
import Orchestration
import Testing

@Suite(.timeLimit(.minutes(1))) struct LogReadTests {
    @Test(arguments: StoreKind.allCases) func readingStartsWithTheChunkOfTheLine(kind: StoreKind) async throws {
        try await kind.use { test in
            let attempt = try await test.start().attempt
            let parts = [1...4, 5...5, 6...12]
            for part in parts { _ = try await test.store.append(Fixture.chunk(part), to: attempt) }
            for line in -1...12 {
                let expected = parts.filter { $0.upperBound >= line }.map { Fixture.chunk($0) }
                #expect(try await test.store.log(of: attempt, from: Int64(line), byteLimit: .max) == expected)
                #expect(
                    try await test.store.log(of: attempt, from: Int64(line), byteLimit: 0) == Array(expected.prefix(1)))
            }
            #expect(try await test.store.log(of: attempt, from: 13, byteLimit: .max).isEmpty)
        }
    }

    @Test(arguments: StoreKind.allCases) func theLimitEndsAReading(kind: StoreKind) async throws {
        try await kind.use { test in
            let attempt = try await test.start().attempt
            let parts = (0..<5).map { Fixture.chunk(($0 * 2 + 1)...($0 * 2 + 2)) }
            for part in parts { _ = try await test.store.append(part, to: attempt) }
            let two = parts[0].text.count + parts[1].text.count
            for (limit, count) in [(1, 1), (two - 1, 2), (two, 2), (two + 1, 3), (.max, 5)] {
                #expect(try await test.store.log(of: attempt, from: 1, byteLimit: limit) == Array(parts.prefix(count)))
            }
        }
    }

    @Test(arguments: StoreKind.allCases) func linesKeepWhatIsKnownOfThem(kind: StoreKind) async throws {
        try await kind.use { test in
            let attempt = try await test.start().attempt
            let text: [UInt8] = [0, 255, 10, 13, 10, 10, 195, 10]
            let early = Timestamp(milliseconds: -5)
            let runs = [
                LogRun(time: early, stream: .system, step: 0, lines: 1, bytes: 3),
                LogRun(
                    time: early + .seconds(1), stream: .stderr, step: 65535, lines: 3, bytes: 5,
                    endsUnterminated: true),
            ]
            let chunk = LogChunk(offset: 0, firstLine: 1, runs: runs, text: text)
            _ = try await test.store.append(chunk, to: attempt)
            #expect(try await test.store.log(of: attempt, from: 2, byteLimit: 1) == [chunk])
        }
    }

    @Test(arguments: StoreKind.allCases) func logsAreApart(kind: StoreKind) async throws {
        try await kind.use { test in
            let first = try await test.start().attempt
            let second = try await test.start().attempt
            _ = try await test.store.append(Fixture.chunk(1...3), to: first)
            _ = try await test.store.append(Fixture.chunk(1...1), to: second)
            #expect(try await test.store.extent(of: first).lines == 3)
            #expect(try await test.store.log(of: second, from: 1, byteLimit: .max) == [Fixture.chunk(1...1)])
        }
    }

    @Test(arguments: StoreKind.allCases) func anUnknownLogIsEmpty(kind: StoreKind) async throws {
        try await kind.use { (test) async throws in
            let nobody: AttemptID = Fresh.id()
            #expect(try await test.store.extent(of: nobody) == LogExtent())
            #expect(try await test.store.log(of: nobody, from: 1, byteLimit: .max).isEmpty)
        }
    }

    @Test(arguments: StoreKind.allCases) func aLogOutlivesItsAttempt(kind: StoreKind) async throws {
        try await kind.use { test in
            let attempt = try await test.start()
            let extent = try await test.store.append(Fixture.chunk(1...3), to: attempt.attempt)
            try await test.finish(attempt, Fixture.end(extent: extent))
            #expect(try await test.store.log(of: attempt.attempt, from: 1, byteLimit: 1) == [Fixture.chunk(1...3)])
        }
    }
}
