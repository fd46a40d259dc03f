/// One event of a `text/event-stream`.
struct ServerSentEvent: Sendable, Hashable {
    /// The last id the stream has named, by this event or one before it; empty where none was.
    var id: String
    /// The kind of event; `message` where it is not said.
    var name: String
    /// The data lines, joined by line feeds.
    var data: [UInt8]
}

/// Reads `text/event-stream` (HTML Living Standard §9.2.6) from pieces that may be cut anywhere.
struct EventParser: Sendable {
    /// One event is longer than any that the API sends.
    struct EventTooLong: Error {}

    /// Bytes of one event. A log line has at most 1 MiB, and JSON may write a byte as six.
    static let eventLimit = 16 * 1024 * 1024

    /// How long the server asks to wait before the next connection.
    private(set) var retry: Duration?
    private var lastID: String
    private var line: [UInt8] = []
    private var name = ""
    private var data: [UInt8] = []
    private var hasData = false
    private var mayStartWithMark = true
    private var mustSkipLineFeed = false

    init(lastID: String = "") { self.lastID = lastID }

    /// - Returns: the events that became complete. An event that the stream's end cuts off never does.
    mutating func consume(_ bytes: some BidirectionalCollection<UInt8>) throws(EventTooLong) -> [ServerSentEvent] {
        var events: [ServerSentEvent] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            if mustSkipLineFeed {
                mustSkipLineFeed = false
                if rest.first == lineFeed {
                    rest.removeFirst()
                    continue
                }
            }
            let end = rest.firstIndex { $0 == lineFeed || $0 == carriageReturn }
            line.append(contentsOf: rest[..<(end ?? rest.endIndex)])
            guard line.count + data.count <= Self.eventLimit else { throw EventTooLong() }
            guard let end else { break }
            mustSkipLineFeed = rest[end] == carriageReturn
            rest = rest[rest.index(after: end)...]
            finishLine(&events)
        }
        return events
    }

    private mutating func finishLine(_ events: inout [ServerSentEvent]) {
        if mayStartWithMark {
            mayStartWithMark = false
            if line.starts(with: [0xEF, 0xBB, 0xBF]) { line.removeFirst(3) }
        }
        defer { line.removeAll(keepingCapacity: true) }
        guard !line.isEmpty else {
            dispatch(&events)
            return
        }
        let colon = line.firstIndex(of: UInt8(ascii: ":")) ?? line.endIndex
        var value = line[min(colon + 1, line.endIndex)...]
        if value.first == UInt8(ascii: " ") { value.removeFirst() }
        switch String(decoding: line[..<colon], as: UTF8.self) {
        case "data":
            if hasData { data.append(lineFeed) }
            hasData = true
            data.append(contentsOf: value)
        case "event": name = String(decoding: value, as: UTF8.self)
        case "id" where !value.contains(0): lastID = String(decoding: value, as: UTF8.self)
        case "retry":
            let isNumber = value.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            let milliseconds = isNumber ? Int64(String(decoding: value, as: UTF8.self)) : nil
            retry = milliseconds.map { .milliseconds($0) } ?? retry
        // A comment, which begins with the colon, or a field from the future.
        default: break
        }
    }

    private mutating func dispatch(_ events: inout [ServerSentEvent]) {
        if hasData, !data.isEmpty {
            events.append(ServerSentEvent(id: lastID, name: name.isEmpty ? "message" : name, data: data))
        }
        name = ""
        data.removeAll()
        hasData = false
    }
}

private let lineFeed = UInt8(ascii: "\n")
private let carriageReturn = UInt8(ascii: "\r")
