import BuildDomain
import NIOCore

/// Text forms written without making a `String` of each.
extension ByteBuffer {
    mutating func writeDecimal(_ number: Int64) {
        if number < 0 { writeInteger(UInt8(ascii: "-")) }
        var rest = number.magnitude
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
            var start = 20
            repeat {
                start -= 1
                digits[start] = UInt8(ascii: "0") + UInt8(rest % 10)
                rest /= 10
            } while rest > 0
            writeBytes(digits[start..<20])
        }
    }

    /// The 36 characters of the id's text form.
    mutating func writeIdentifier(_ id: Identifier<some Any>) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 36) { text in
            var at = 0
            for nibble in 0..<32 {
                if nibble == 8 || nibble == 12 || nibble == 16 || nibble == 20 {
                    text[at] = UInt8(ascii: "-")
                    at += 1
                }
                let word = nibble < 16 ? id.high : id.low
                text[at] = hexadecimalDigit(UInt8(truncatingIfNeeded: word >> UInt64(60 - 4 * (nibble % 16)) & 0xF))
                at += 1
            }
            writeBytes(text)
        }
    }

    /// The text form of a time.
    mutating func writeTimestamp(_ time: Timestamp) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Timestamp.textLength) { text in
            guard time.writeText(into: text) else {
                writeString(time.description)
                return
            }
            writeBytes(text)
        }
    }
}

func hexadecimalDigit(_ nibble: UInt8) -> UInt8 {
    nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") + nibble - 10
}
