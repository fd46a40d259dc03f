import NIOCore

extension ByteBuffer {
    /// Writes `bytes` as a quoted JSON string. Whatever they are, the result is valid UTF-8 without control characters,
    /// so it has no line breaks: each maximal part that is not UTF-8 becomes one U+FFFD, as in `String(decoding:as:)`.
    mutating func writeJSONString(_ bytes: UnsafeBufferPointer<UInt8>) {
        writeInteger(UInt8(ascii: "\""))
        var written = 0
        var at = 0
        while at < bytes.count {
            let byte = bytes[at]
            if byte < 0x80 {
                if byte >= 0x20, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") {
                    at += 1
                    continue
                }
                writeBytes(bytes[written..<at])
                writeEscape(of: byte)
                at += 1
                written = at
            } else {
                let (length, isValid) = utf8Sequence(in: bytes, at: at)
                if !isValid {
                    writeBytes(bytes[written..<at])
                    writeStaticString("\u{FFFD}")
                    written = at + length
                }
                at += length
            }
        }
        writeBytes(bytes[written..<at])
        writeInteger(UInt8(ascii: "\""))
    }

    private mutating func writeEscape(of byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): writeStaticString("\\\"")
        case UInt8(ascii: "\\"): writeStaticString("\\\\")
        case UInt8(ascii: "\n"): writeStaticString("\\n")
        case UInt8(ascii: "\r"): writeStaticString("\\r")
        case UInt8(ascii: "\t"): writeStaticString("\\t")
        default:
            writeStaticString("\\u00")
            writeInteger(hexadecimalDigit(byte >> 4))
            writeInteger(hexadecimalDigit(byte & 0xF))
        }
    }
}

/// The sequence that starts with a byte from 0x80 on: its length, or that of the longest part that could begin a valid
/// one (Unicode 16, table 3-7 and "U+FFFD substitution of maximal subparts").
private func utf8Sequence(in bytes: UnsafeBufferPointer<UInt8>, at start: Int) -> (length: Int, isValid: Bool) {
    let lead = bytes[start]
    let second: ClosedRange<UInt8>
    let count: Int
    switch lead {
    case 0xC2...0xDF: (count, second) = (2, 0x80...0xBF)
    case 0xE0: (count, second) = (3, 0xA0...0xBF)
    case 0xED: (count, second) = (3, 0x80...0x9F)
    case 0xE1...0xEF: (count, second) = (3, 0x80...0xBF)
    case 0xF0: (count, second) = (4, 0x90...0xBF)
    case 0xF1...0xF3: (count, second) = (4, 0x80...0xBF)
    case 0xF4: (count, second) = (4, 0x80...0x8F)
    default: return (1, false)
    }
    for offset in 1..<count {
        guard start + offset < bytes.count else { return (offset, false) }
        guard (offset == 1 ? second : 0x80...0xBF).contains(bytes[start + offset]) else { return (offset, false) }
    }
    return (count, true)
}
