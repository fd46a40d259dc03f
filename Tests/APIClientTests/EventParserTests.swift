import Testing

@testable import APIClient

@Suite struct EventParserTests {
    private static let stream = """
        retry: 250\r
        : a comment\r
        event: line\r
        id: a:1\r
        data: {"text":"ünï"}\r
        \r
        data: first
        data:second
        data

        id: a:2
        event: state
        data:  two spaces

        event: nothing

        unknown: field
        id: a:3\rdata: only carriage returns\r\revent: end\ndata: bye\n\ndata: cut off
        """

    private static let expected = [
        ServerSentEvent(id: "a:1", name: "line", data: Array("{\"text\":\"ünï\"}".utf8)),
        ServerSentEvent(id: "a:1", name: "message", data: Array("first\nsecond\n".utf8)),
        ServerSentEvent(id: "a:2", name: "state", data: Array(" two spaces".utf8)),
        ServerSentEvent(id: "a:3", name: "message", data: Array("only carriage returns".utf8)),
        ServerSentEvent(id: "a:3", name: "end", data: Array("bye".utf8)),
    ]

    @Test func everySplitGivesTheSameEvents() throws {
        let bytes = Array(Self.stream.utf8)
        for cut in 0...bytes.count {
            var parser = EventParser()
            let events = try parser.consume(bytes[..<cut]) + parser.consume(bytes[cut...])
            #expect(events == Self.expected, "cut at \(cut)")
            #expect(parser.retry == .milliseconds(250))
        }
    }

    @Test func bytesOneByOneGiveTheSameEvents() throws {
        var parser = EventParser()
        let events = try Array(Self.stream.utf8).flatMap { try parser.consume(CollectionOfOne($0)) }
        #expect(events == Self.expected)
    }

    @Test func aByteOrderMarkIsNotContent() throws {
        var parser = EventParser()
        #expect(try parser.consume(Array("\u{FEFF}data: x\n\n".utf8)).map(\.data) == [Array("x".utf8)])
    }

    @Test func theLastIDIsKeptAcrossConnections() throws {
        var parser = EventParser(lastID: "b:7")
        #expect(try parser.consume(Array("data: x\n\n".utf8)).map(\.id) == ["b:7"])
    }

    @Test func anIDWithNULAndARetryThatIsNoNumberAreIgnored() throws {
        var parser = EventParser(lastID: "a")
        let events = try parser.consume(Array("id: b\0c\nretry: soon\nretry:\ndata: x\n\n".utf8))
        #expect(events.map(\.id) == ["a"])
        #expect(parser.retry == nil)
    }

    @Test func anEndlessEventIsRefused() {
        var parser = EventParser()
        let piece = Array("data: ".utf8) + [UInt8](repeating: 0x78, count: EventParser.eventLimit)
        #expect(throws: EventParser.EventTooLong.self) { try parser.consume(piece) }
    }
}
