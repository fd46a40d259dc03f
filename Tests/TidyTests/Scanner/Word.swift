/// A keyword or name in code, with what stands around it.
struct Word {
    var text: String
    /// Counted from 1.
    var line: Int
    /// Offset of the byte after the word.
    var end: Int
    /// The bytes right before and right after; a space at either end of the file.
    var before: UInt8
    var after: UInt8

    /// The words of masked code (``CodeMask``), in order.
    static func all(in code: [UInt8]) -> [Word] {
        var words: [Word] = []
        var line = 1
        var at = 0
        while at < code.count {
            guard code[at].isNamePart else {
                line += code[at] == newline ? 1 : 0
                at += 1
                continue
            }
            let start = at
            while at < code.count, code[at].isNamePart { at += 1 }
            words.append(
                Word(
                    text: String(decoding: code[start..<at], as: UTF8.self), line: line, end: at,
                    before: start > 0 ? code[start - 1] : space, after: at < code.count ? code[at] : space))
        }
        return words
    }
}

extension UInt8 {
    /// Whether the byte can be part of a name; every byte beyond ASCII counts as one.
    var isNamePart: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), 0x80...:
            true
        default: false
        }
    }
}
