import BuildDomain
import Crypto
import Orchestration
import TestSupport
import Testing

@testable import Worker

@Suite struct LogPipeTests {
    private let clock = ManualClock()
    private let spool = MemorySpool()

    private func pipe(logBytes: Int64 = 1 << 30, lineBytes: Int = 1000, spool other: MemorySpool? = nil) -> LogPipe {
        LogPipe(
            spool: other ?? spool, timekeeper: clock, limits: LogLimits(logBytes: logBytes, lineBytes: lineBytes))
    }

    /// Random output of two streams in several steps, read while it is written, acknowledged now wholly and now in
    /// part.
    @Test func theChunksAreExactlyWhatWasWritten() throws {
        var generator = SeededGenerator(seed: 1)
        for round in 0..<60 {
            let spool = MemorySpool()
            let pipe = pipe(lineBytes: round % 2 == 0 ? 7 : 1000, spool: spool)
            var log = Reassembled()
            for step in 1...3 {
                let sink = pipe.sink(step: step)
                for _ in 0..<30 {
                    let bytes = (0..<Int.random(in: 0...20, using: &generator)).map { _ in
                        UInt8.random(in: 8...14, using: &generator)
                    }
                    sink.write(bytes, to: Bool.random(using: &generator) ? .stdout : .stderr)
                    if Int.random(in: 0..<4, using: &generator) == 0 { clock.advance(by: .milliseconds(1)) }
                    if Bool.random(using: &generator) { try log.take(from: pipe, using: &generator) }
                }
                pipe.endProgram()
            }
            pipe.say("done")
            let seal = pipe.seal()
            while !pipe.isShipped { try log.take(from: pipe, using: &generator) }
            #expect(log.text == spool.bytes)
            #expect(seal.extent == log.extent)
            #expect(seal.sha256 == hexadecimal(SHA256.hash(data: log.text)))
            #expect(log.lines.last == "system 3 false done")
            #expect(log.lines.count == Int(seal.extent.lines))
        }
    }

    /// Nobody fetches anything for hours: what waits in memory stays small, and no line is lost.
    @Test func whileNothingIsSentOnlySoManyRunsAreKept() throws {
        let pipe = pipe()
        let sink = pipe.sink(step: 1)
        let count = LogPipe.exactRuns + 5000
        for _ in 0..<count {
            sink.print("x\n")
            clock.advance(by: .milliseconds(1))
        }
        let seal = pipe.seal()
        #expect(seal.extent.lines == Int64(count))
        var runs = 0
        while let chunk = try pipe.nextChunk() {
            runs += chunk.runs.count
            #expect(pipe.acknowledge(chunk.end))
        }
        #expect(pipe.isShipped)
        #expect(runs == LogPipe.exactRuns)
    }

    @Test func eachStreamsLinesComeInTheirOrderWithStepAndStream() throws {
        let pipe = pipe()
        let first = pipe.sink(step: 1)
        first.print("a1\nb")
        first.print("e1\n", to: .stderr)
        first.print("2\n")
        first.print("rest")
        pipe.endProgram()
        pipe.sink(step: 2).print("next\n")
        _ = pipe.seal()
        let lines = try shipped(pipe).lines
        #expect(
            lines == [
                "stdout 1 false a1", "stderr 1 false e1", "stdout 1 false b2", "stdout 1 true rest",
                "stdout 2 false next",
            ])
    }

    @Test func linesOfOneMomentShareARun() throws {
        let pipe = pipe()
        let sink = pipe.sink(step: 1)
        for number in 0..<100 { sink.print("\(number)\n") }
        clock.advance(by: .milliseconds(1))
        sink.print("later\n")
        let chunk = try #require(try pipe.nextChunk())
        #expect(chunk.runs.map(\.lines) == [100, 1])
        #expect(chunk.runs.map(\.time) == [clock.now + .milliseconds(-1), clock.now])
    }

    @Test func aRunThatGrowsWhileItsBeginningIsUnderWayGoesOnBehindIt() throws {
        let pipe = pipe()
        let sink = pipe.sink(step: 1)
        sink.print("a\nb\n")
        let first = try #require(try pipe.nextChunk())
        sink.print("c\nd\n")
        #expect(pipe.acknowledge(first.end))
        let second = try #require(try pipe.nextChunk())
        #expect(second.text == Array("c\nd\n".utf8))
        #expect(second.offset == 4)
        #expect(second.firstLine == 3)
        #expect(!pipe.isShipped)
        #expect(pipe.acknowledge(second.end))
        #expect(try pipe.nextChunk() == nil)
        _ = pipe.seal()
        #expect(pipe.isShipped)
    }

    @Test(arguments: [
        LogExtent(length: 7, lines: 3), LogExtent(length: 4, lines: 3), LogExtent(length: 2, lines: 3),
        LogExtent(length: 2, lines: 0), LogExtent(length: 100, lines: 50), LogExtent(length: 6, lines: 2),
    ])
    func aPlaceTheLogWasNeverAtIsNotAcknowledged(extent: LogExtent) {
        let pipe = pipe()
        pipe.sink(step: 1).print("a\nb\nc\n")
        #expect(!pipe.acknowledge(extent))
    }

    @Test func lessThanWasAcknowledgedBeforeIsAnotherLog() throws {
        let pipe = pipe()
        pipe.sink(step: 1).print("a\nb\n")
        #expect(pipe.acknowledge(LogExtent(length: 4, lines: 2)))
        #expect(pipe.acknowledge(LogExtent(length: 4, lines: 2)))
        #expect(!pipe.acknowledge(LogExtent(length: 2, lines: 1)))
    }

    @Test func aLoudLogIsSentInChunksOfItsLimit() throws {
        let pipe = pipe(lineBytes: 1024 * 1024)
        let sink = pipe.sink(step: 1)
        let piece = Array(String(repeating: String(repeating: "x", count: 99) + "\n", count: 640).utf8)
        for _ in 0..<80 { sink.write(piece) }
        sink.write([UInt8](repeating: 120, count: 3 * 1024 * 1024))
        let seal = pipe.seal()
        var log = Reassembled()
        while let chunk = try pipe.nextChunk() {
            #expect(chunk.text.count <= LogChunk.maximumBytes)
            #expect(chunk.runs.count == 1 || chunk.text.count <= LogPipe.chunkBytes)
            try log.add(chunk)
            #expect(pipe.acknowledge(chunk.end))
        }
        #expect(log.text == spool.bytes)
        #expect(log.extent == seal.extent)
        #expect(seal.extent.lines == 80 * 640 + 3)
    }

    @Test func aLineLimitThatMakesNoSenseIsBroughtIntoRange() throws {
        for (limit, bytes) in [(Int.min, 5000), (0, 5000), (Int.max, 3_000_000)] {
            let spool = MemorySpool()
            let pipe = pipe(lineBytes: limit, spool: spool)
            pipe.sink(step: 1).write([UInt8](repeating: 120, count: bytes))
            _ = pipe.seal()
            #expect(spool.bytes.count > bytes)
            let first = try #require(try pipe.nextChunk())
            #expect(first.text.count <= LogChunk.maximumBytes)
        }
    }

    @Test func ofALogOverItsLimitHeadAndTailAreKept() throws {
        let pipe = pipe(logBytes: 1000)
        let sink = pipe.sink(step: 2)
        for number in 100..<200 { sink.print("line \(number) " + String(repeating: "x", count: 40) + "\n") }
        let seal = pipe.seal()
        let log = try shipped(pipe)
        #expect(seal.extent == log.extent)
        #expect(seal.sha256 == hexadecimal(SHA256.hash(data: log.text)))
        let words = log.lines.map { $0.split(separator: " ").dropFirst(3) }
        let kept = words.compactMap { $0.first == "line" ? $0.dropFirst().first.flatMap { Int($0) } : nil }
        #expect(kept == Array(100..<115) + Array(195..<200))
        let notes = log.lines.filter { $0.hasPrefix("system") }
        #expect(notes.count == 2)
        #expect(notes.first?.contains("log limit of 1000 bytes reached") == true)
        #expect(notes.last?.contains("80 lines (4000 bytes) are left out here") == true)
        #expect(log.lines[15...16].map { $0 } == notes)
    }

    @Test func whatDoesNotFitTheHeadButTheTailIsAllKept() throws {
        let pipe = pipe(logBytes: 1000)
        for number in 0..<18 { pipe.sink(step: 2).print(String(repeating: "\(number % 10)", count: 49) + "\n") }
        _ = pipe.seal()
        let lines = try shipped(pipe).lines
        #expect(lines.count == 19)
        #expect(!lines.contains { $0.contains("left out") })
    }

    @Test func theLastWordsOfTheWorkerAreNotLeftOut() throws {
        let pipe = pipe(logBytes: 100)
        for _ in 0..<100 { pipe.sink(step: 2).print("xxxxxxxxxxxxxxxxxxxxxxxx\n") }
        pipe.say("stopped: ran longer than 60 s")
        _ = pipe.seal()
        #expect(try shipped(pipe).lines.last == "system 2 false stopped: ran longer than 60 s")
    }

    /// Wherever the disk gives up, the seal is about what is there, and the failure is told.
    @Test func aFailedSpoolIsReportedAndTheSealIsAboutWhatWasKept() throws {
        for appends in 0..<8 {
            let spool = MemorySpool(failsAfter: appends)
            let pipe = pipe(lineBytes: 4, spool: spool)
            let sink = pipe.sink(step: 1)
            for text in ["abcdefgh\n", "ij\n", "k"] { sink.print(text) }
            let seal = pipe.seal()
            let log = try shipped(pipe)
            #expect(log.extent == seal.extent)
            #expect(seal.sha256 == hexadecimal(SHA256.hash(data: log.text)))
            #expect(spool.bytes.starts(with: log.text))
            #expect(pipe.failure == (appends < 6 ? .full("no space left") : nil))
        }
    }

    private func shipped(_ pipe: LogPipe) throws -> Reassembled {
        var log = Reassembled()
        while let chunk = try pipe.nextChunk() {
            try log.add(chunk)
            #expect(pipe.acknowledge(chunk.end))
        }
        return log
    }
}

/// A log put together again by a strict receiver.
private struct Reassembled {
    var text: [UInt8] = []
    var lines: [String] = []
    var extent = LogExtent()

    mutating func add(_ chunk: LogChunk) throws {
        let new = try #require(try extent.accept(chunk))
        text += new.text
        new.forEachLine { line in
            lines.append(
                "\(line.stream) \(line.step) \(line.isUnterminated) " + String(decoding: line.text, as: UTF8.self))
            return true
        }
        extent = new.end
    }

    /// Takes the next chunk, all of it or some lines, and says so, sometimes only after it was taken a second time.
    mutating func take(from pipe: LogPipe, using generator: inout SeededGenerator) throws {
        guard let chunk = try pipe.nextChunk() else { return }
        let feeds = chunk.text.indices.filter { chunk.text[$0] == LogText.lineFeed }
        let count = Bool.random(using: &generator) ? feeds.count : Int.random(in: 1...feeds.count, using: &generator)
        var part = LogChunk(offset: chunk.offset, firstLine: chunk.firstLine, runs: [], text: [])
        var left = count
        for run in chunk.runs where left > 0 {
            var run = run
            if run.lines > left {
                let before = part.text.count
                (run.lines, run.endsUnterminated) = (left, false)
                run.bytes = feeds[count - 1] + 1 - before
            }
            left -= run.lines
            part.runs.append(run)
            part.text = Array(chunk.text[..<(part.text.count + run.bytes)])
        }
        try add(part)
        if Bool.random(using: &generator) { #expect(try pipe.nextChunk() == chunk) }
        #expect(pipe.acknowledge(extent))
    }
}
