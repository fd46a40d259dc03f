import BuildDomain
import DequeModule

/// What is kept of a log that grows over its limit: the head as it comes, and of the rest the newest lines.
struct LogLimit {
    /// The most pieces of the tail, so that many tiny ones do not take many times the memory of their text.
    static let maximumPieces = 65_536

    struct Held {
        var run: LogRun
        var text: [UInt8]
    }

    /// Bytes of the whole log.
    let total: Int64
    private(set) var isReached = false
    private(set) var held: Deque<Held> = []
    private var heldBytes: Int64 = 0
    private(set) var omittedLines: Int64 = 0
    private(set) var omittedBytes: Int64 = 0

    /// Three quarters are the head, the rest is the tail.
    var head: Int64 { total / 4 * 3 }
    private var tail: Int64 { total - head }
    /// Bytes up to which neighbouring lines are one piece: small enough that dropping one leaves most of the tail.
    private var pieceBytes: Int { Int(min(64 * 1024, tail / 16)) }

    init(total: Int64) { self.total = total }

    /// Whether `bytes` more still belong to the head. Once they do not, nothing does any more.
    mutating func admits(_ bytes: Int, after length: Int64) -> Bool {
        if !isReached, length + Int64(bytes) > head { isReached = true }
        return !isReached
    }

    /// Keeps lines for the tail, at the cost of the oldest ones there.
    mutating func hold(_ run: LogRun, _ text: [UInt8]) {
        if let last = held.last, last.run.canJoin(run, bytes: pieceBytes) {
            held[held.count - 1].run.join(run)
            held[held.count - 1].text += text
        } else {
            held.append(Held(run: run, text: text))
        }
        heldBytes += Int64(text.count)
        while heldBytes > tail || held.count > Self.maximumPieces, held.count > 1, let oldest = held.popFirst() {
            heldBytes -= Int64(oldest.text.count)
            omittedLines += Int64(oldest.run.lines)
            omittedBytes += Int64(oldest.text.count)
        }
    }
}
