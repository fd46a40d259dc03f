/// A point in time: whole milliseconds since 1970-01-01T00:00:00Z, leap seconds not counted.
public struct Timestamp: Hashable, Sendable, Comparable {
    public var milliseconds: Int64

    public init(milliseconds: Int64) { self.milliseconds = milliseconds }

    public static func < (left: Self, right: Self) -> Bool { left.milliseconds < right.milliseconds }

    public static func + (left: Self, right: Duration) -> Self {
        Timestamp(milliseconds: left.milliseconds + right.wholeMilliseconds)
    }

    public static func - (left: Self, right: Self) -> Duration {
        .milliseconds(left.milliseconds - right.milliseconds)
    }
}

extension Duration {
    /// Whole milliseconds, rounded towards zero.
    public var wholeMilliseconds: Int64 {
        components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
    }
}

extension Timestamp: CustomStringConvertible {
    /// RFC 3339 in UTC with milliseconds: `2026-01-31T09:05:00.250Z`.
    public var description: String {
        let text = String(unsafeUninitializedCapacity: Self.textLength) { writeText(into: $0) ? Self.textLength : 0 }
        return text.isEmpty ? "\(milliseconds) ms" : text
    }

    /// Bytes of the text form.
    public static let textLength = 24

    /// Writes the text form without making a `String` of it.
    /// - Parameter buffer: at least ``textLength`` bytes.
    /// - Returns: `false` where nothing was written: the form has no place for years beyond 9999.
    public func writeText(into buffer: UnsafeMutableBufferPointer<UInt8>) -> Bool {
        let day = Int64(86_400_000)
        var (days, rest) = milliseconds.quotientAndRemainder(dividingBy: day)
        if rest < 0 {
            rest += day
            days -= 1
        }
        let (year, month, dayOfMonth) = Timestamp.civil(fromDays: days)
        guard (0...9999).contains(year) else { return false }
        buffer.put(year, width: 4, at: 0, then: "-")
        buffer.put(month, width: 2, at: 5, then: "-")
        buffer.put(dayOfMonth, width: 2, at: 8, then: "T")
        buffer.put(rest / 3_600_000, width: 2, at: 11, then: ":")
        buffer.put(rest / 60_000 % 60, width: 2, at: 14, then: ":")
        buffer.put(rest / 1000 % 60, width: 2, at: 17, then: ".")
        buffer.put(rest % 1000, width: 3, at: 20, then: "Z")
        return true
    }

    /// The proleptic Gregorian date of a day number counted from 1970-01-01 (era arithmetic over 400-year cycles).
    private static func civil(fromDays days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
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

extension Timestamp {
    /// Reads RFC 3339 (`2026-01-31T09:05:00Z`, optional fraction, `Z` or `±hh:mm`); `nil` for anything else.
    public init?(_ text: String) {
        guard let match = text.wholeMatch(of: Timestamp.pattern) else { return nil }
        let field = { (part: Substring) in Int64(part) ?? 0 }
        let (_, year, month, day, hour, minute, second, fraction, sign, offsetHour, offsetMinute) = match.output
        guard (1...12).contains(field(month)), field(hour) < 24, field(minute) < 60, field(second) < 61,
            field(offsetHour ?? "0") < 24, field(offsetMinute ?? "0") < 60
        else { return nil }
        let days = Timestamp.days(year: field(year), month: field(month), day: field(day))
        // A day that the month does not have comes back as one of another month.
        guard Timestamp.civil(fromDays: days) == (field(year), field(month), field(day)) else { return nil }
        let thousandths = fraction.map { field(($0 + "000").prefix(3)) } ?? 0
        let offset = field(offsetHour ?? "0") * 60 + field(offsetMinute ?? "0")
        let minutes = field(hour) * 60 + field(minute) - (sign == "-" ? -offset : offset)
        self.init(milliseconds: days * 86_400_000 + minutes * 60_000 + field(second) * 1000 + thousandths)
    }

    nonisolated(unsafe) private static let pattern =
        /(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:[Zz]|([+-])(\d\d):(\d\d))/
        .asciiOnlyDigits()

    private static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
        let year = month <= 2 ? year - 1 : year
        let era = (year >= 0 ? year : year - 399) / 400
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }
}

extension Timestamp: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let value = Timestamp(text) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "expected an RFC 3339 time, got \(text.debugDescription)")
        }
        self = value
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
