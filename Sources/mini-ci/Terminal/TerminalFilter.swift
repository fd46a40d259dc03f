/// Makes a build's output harmless for a terminal: colours pass, and so do tabs, line feeds and carriage returns
/// (progress bars); other control characters become visible, other escape sequences (titles, clipboard, cursor,
/// queries) vanish.
///
/// Bytes may come in pieces that are cut anywhere, also within a sequence. ECMA-48 names the parts.
struct TerminalFilter: Sendable {
    private enum State {
        case text
        case escape
        /// `ESC [` and what followed.
        case control([UInt8])
        /// A string that a terminal would swallow until its terminator.
        case string
        case stringEscape
        /// 0xC2, which begins the UTF-8 form of the controls from U+0080 to U+009F.
        case twoByte
        /// Between `ESC` and the final byte of a sequence such as `ESC ( B`.
        case intermediate
    }

    private static let sequenceLimit = 64
    private var state = State.text

    mutating func callAsFunction(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        var out: [UInt8] = []
        for byte in bytes { take(byte, &out) }
        return out
    }

    private mutating func take(_ byte: UInt8, _ out: inout [UInt8]) {
        switch state {
        case .text: takeText(byte, &out)
        case .twoByte:
            state = .text
            if (0x80...0x9F).contains(byte) {
                if byte == 0x9B { state = .control([]) } else { out.append(contentsOf: "\u{FFFD}".utf8) }
            } else {
                out.append(0xC2)
                takeText(byte, &out)
            }
        case .escape: takeEscape(byte, &out)
        case .intermediate: state = (0x20...0x2F).contains(byte) ? .intermediate : .text
        case .control(let parameters): takeControl(byte, parameters, &out)
        case .string:
            // A line feed ends it too, or an unfinished one would swallow the rest of the log.
            switch byte {
            case 0x07: state = .text
            case 0x1B: state = .stringEscape
            case 0x0A:
                state = .text
                out.append(byte)
            default: break
            }
        case .stringEscape:
            if byte == UInt8(ascii: "\\") { state = .text } else { takeEscape(byte, &out) }
        }
    }

    private mutating func takeText(_ byte: UInt8, _ out: inout [UInt8]) {
        switch byte {
        case 0x09, 0x0A, 0x0D: out.append(byte)
        case 0x1B: state = .escape
        case 0xC2: state = .twoByte
        case 0..<0x20: out.append(contentsOf: [UInt8(ascii: "^"), byte + 0x40])
        case 0x7F: out.append(contentsOf: "^?".utf8)
        default: out.append(byte)
        }
    }

    private mutating func takeEscape(_ byte: UInt8, _ out: inout [UInt8]) {
        switch byte {
        case UInt8(ascii: "["): state = .control([])
        case UInt8(ascii: "]"), UInt8(ascii: "P"), UInt8(ascii: "X"), UInt8(ascii: "^"), UInt8(ascii: "_"):
            state = .string
        case 0x1B: state = .escape
        case 0x20...0x2F: state = .intermediate
        case 0x30...0x7E: state = .text
        default:
            state = .text
            takeText(byte, &out)
        }
    }

    private mutating func takeControl(_ byte: UInt8, _ parameters: [UInt8], _ out: inout [UInt8]) {
        switch byte {
        case 0x20...0x3F where parameters.count < Self.sequenceLimit: state = .control(parameters + [byte])
        case 0x40...0x7E:
            state = .text
            let isPlain = parameters.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: ";")).contains($0) }
            if byte == UInt8(ascii: "m"), isPlain {
                out.append(contentsOf: [0x1B, UInt8(ascii: "[")] + parameters + [byte])
            }
        default:
            state = .text
            takeText(byte, &out)
        }
    }
}

extension String {
    /// One line without anything that a terminal would obey: for names and commands in tables and messages.
    var onOneLine: String {
        var text = ""
        for scalar in unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator: text += scalar == "\n" ? " ⏎ " : " "
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}
