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

    /// RFC 3339 in UTC with milliseconds, as `Timestamp.description` has it; years 0 to 9999.
    mutating func writeTimestamp(_ time: Timestamp) {
        let day = Int64(86_400_000)
        let days = time.milliseconds.flooredQuotient(by: day)
        let rest = time.milliseconds - days * day
        let (year, month, dayOfMonth) = civil(fromDays: days)
        guard (0...9999).contains(year) else {
            writeString(time.description)
            return
        }
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 24) { text in
            text.put(year, width: 4, at: 0, then: "-")
            text.put(month, width: 2, at: 5, then: "-")
            text.put(dayOfMonth, width: 2, at: 8, then: "T")
            text.put(rest / 3_600_000, width: 2, at: 11, then: ":")
            text.put(rest / 60_000 % 60, width: 2, at: 14, then: ":")
            text.put(rest / 1000 % 60, width: 2, at: 17, then: ".")
            text.put(rest % 1000, width: 3, at: 20, then: "Z")
            writeBytes(text)
        }
    }
}

extension UnsafeMutableBufferPointer<UInt8> {
    fileprivate func put(_ number: Int64, width: Int, at start: Int, then separator: Unicode.Scalar) {
        var rest = number
        for offset in (0..<width).reversed() {
            self[start + offset] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
        self[start + width] = UInt8(ascii: separator)
    }
}

extension Int64 {
    fileprivate func flooredQuotient(by divisor: Int64) -> Int64 {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }
}

/// The proleptic Gregorian date of a day number counted from 1970-01-01 (era arithmetic over 400-year cycles).
private func civil(fromDays days: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let shifted = days + 719_468
    let era = shifted.flooredQuotient(by: 146_097)
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
}

func hexadecimalDigit(_ nibble: UInt8) -> UInt8 {
    nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") + nibble - 10
}
