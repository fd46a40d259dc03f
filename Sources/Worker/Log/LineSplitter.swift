/// Cuts one stream of bytes into lines at line feeds alone: carriage returns, NULs and broken UTF-8 pass as they are.
/// A line longer than the limit is cut there and goes on as the next one.
struct LineSplitter {
    /// Whole lines as they leave the splitter.
    struct Piece {
        /// How many lines the bytes hold.
        var lines: Int
        /// The bytes lack their last line feed: the line was cut, or the output ended there.
        var isUnterminated: Bool
    }

    private var rest: [UInt8] = []
    private let limit: Int

    /// - Parameter limit: the longest line in bytes, without its line feed.
    init(limit: Int) { self.limit = limit }

    /// Hands complete lines to `emit`, many at a time where it can, and keeps the beginning of the last one.
    mutating func add(_ bytes: UnsafeRawBufferPointer, emit: (UnsafeRawBufferPointer, Piece) -> Void) {
        var bytes = bytes[...]
        if !rest.isEmpty, let end = bytes.firstIndex(of: lineFeed) {
            keep(UnsafeRawBufferPointer(rebasing: bytes[..<end]), emit: emit)
            rest.append(lineFeed)
            rest.withUnsafeBytes { emit($0, Piece(lines: 1, isUnterminated: false)) }
            rest.removeAll(keepingCapacity: rest.capacity <= 65_536)
            bytes = bytes[(end + 1)...]
        }
        if rest.isEmpty, let last = bytes.lastIndex(of: lineFeed) {
            emitLines(UnsafeRawBufferPointer(rebasing: bytes[...last]), emit: emit)
            bytes = bytes[(last + 1)...]
        }
        keep(UnsafeRawBufferPointer(rebasing: bytes), emit: emit)
    }

    /// The output has ended: what is left is a line without a line feed.
    mutating func finish(emit: (UnsafeRawBufferPointer, Piece) -> Void) {
        guard !rest.isEmpty else { return }
        rest.withUnsafeBytes { emit($0, Piece(lines: 1, isUnterminated: true)) }
        rest = []
    }

    /// Bytes that end with a line feed. Only where they are longer than the limit can one of their lines be.
    private func emitLines(_ bytes: UnsafeRawBufferPointer, emit: (UnsafeRawBufferPointer, Piece) -> Void) {
        guard bytes.count > limit else {
            return emit(bytes, Piece(lines: countLines(bytes), isUnterminated: false))
        }
        var start = 0
        while start < bytes.count {
            let end = bytes[start...].firstIndex(of: lineFeed) ?? bytes.count - 1
            while end - start > limit {
                emit(.init(rebasing: bytes[start..<(start + limit)]), Piece(lines: 1, isUnterminated: true))
                start += limit
            }
            emit(.init(rebasing: bytes[start...end]), Piece(lines: 1, isUnterminated: false))
            start = end + 1
        }
    }

    private mutating func keep(_ bytes: UnsafeRawBufferPointer, emit: (UnsafeRawBufferPointer, Piece) -> Void) {
        var bytes = bytes[...]
        while rest.count + bytes.count > limit {
            let room = limit - rest.count
            rest.append(contentsOf: bytes.prefix(room))
            bytes = bytes.dropFirst(room)
            rest.withUnsafeBytes { emit($0, Piece(lines: 1, isUnterminated: true)) }
            rest.removeAll(keepingCapacity: true)
        }
        rest.append(contentsOf: bytes)
    }

    private func countLines(_ bytes: UnsafeRawBufferPointer) -> Int {
        var count = 0
        for byte in bytes { count &+= byte == lineFeed ? 1 : 0 }
        return count
    }
}

private let lineFeed = UInt8(ascii: "\n")
