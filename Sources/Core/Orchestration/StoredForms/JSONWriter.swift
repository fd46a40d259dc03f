/// JSON as it is being written, front to back. A container is closed when something outside it is written, or at the
/// end: `Encoder` never says that a container is complete.
final class JSONWriter {
    private(set) var bytes: [UInt8] = []
    /// What closes the open containers, outermost first, and whether they have a member yet.
    private var open: [(closer: UInt8, hasMembers: Bool)] = []

    /// How many containers are open.
    var depth: Int { open.count }

    init() { bytes.reserveCapacity(256) }

    func beginObject() { begin(UInt8(ascii: "{"), closer: UInt8(ascii: "}")) }

    func beginArray() { begin(UInt8(ascii: "["), closer: UInt8(ascii: "]")) }

    /// Gets ready for a member of the container at `depth`; all deeper ones are complete.
    func member(at depth: Int, key: String? = nil) {
        close(to: depth)
        if open[depth - 1].hasMembers { bytes.append(UInt8(ascii: ",")) }
        open[depth - 1].hasMembers = true
        if let key {
            write(key)
            bytes.append(UInt8(ascii: ":"))
        }
    }

    func close(to depth: Int) {
        while open.count > depth { bytes.append(open.removeLast().closer) }
    }

    func raw(_ text: String) { bytes += text.utf8 }

    func write(_ string: String) {
        bytes.append(UInt8(ascii: "\""))
        // At once where nothing is to be escaped, as nearly always: each access to a property has its price.
        let isPlain = string.utf8.allSatisfy { byte in
            byte >= 0x20 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
        }
        if isPlain { bytes.append(contentsOf: string.utf8) } else { escape(string) }
        bytes.append(UInt8(ascii: "\""))
    }

    private func escape(_ string: String) {
        for byte in string.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(byte)
            case UInt8(ascii: "\n"): raw("\\n")
            case 0..<0x20: raw("\\u00" + (byte < 16 ? "0" : "") + String(byte, radix: 16))
            default: bytes.append(byte)
            }
        }
    }

    private func begin(_ opener: UInt8, closer: UInt8) {
        bytes.append(opener)
        open.append((closer, false))
    }
}
