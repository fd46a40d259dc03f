/// A UUIDv7 (RFC 9562 §5.7) that knows what it names, so that a job's id cannot be passed for a build's.
///
/// Ids order by the time they were made, to the millisecond. The text form is 36 lower-case characters.
public struct Identifier<Kind>: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The first eight bytes: 48 bits of Unix milliseconds, version, 12 random bits.
    public let high: UInt64
    /// The last eight bytes: variant, 62 random bits.
    public let low: UInt64

    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Makes a UUIDv7 from a time and 74 bits of `random` (the surplus is ignored).
    public init(at time: Timestamp, random: (UInt64, UInt64)) {
        let milliseconds = UInt64(max(0, time.milliseconds)) & 0xFFFF_FFFF_FFFF
        high = milliseconds << 16 | 0x7000 | (random.0 & 0x0FFF)
        low = 0x8000_0000_0000_0000 | (random.1 & 0x3FFF_FFFF_FFFF_FFFF)
    }

    /// Reads the 36-character text form, of any UUID version, upper or lower case; `nil` for anything else.
    public init?(_ text: some StringProtocol) {
        // Ids are read by the thousand; a loop over plain bytes is several times quicker than one over any text.
        var text = String(text)
        guard let words = text.withUTF8(words(ofUUID:)) else { return nil }
        self.init(high: words.high, low: words.low)
    }

    public var description: String {
        String(unsafeUninitializedCapacity: 36) { buffer in
            var at = 0
            for nibble in 0..<32 {
                if nibble == 8 || nibble == 12 || nibble == 16 || nibble == 20 {
                    buffer[at] = UInt8(ascii: "-")
                    at += 1
                }
                let word = nibble < 16 ? high : low
                buffer[at] = hexCharacter(UInt8(truncatingIfNeeded: word >> UInt64(60 - 4 * (nibble % 16)) & 0xF))
                at += 1
            }
            return 36
        }
    }

    public static func < (left: Self, right: Self) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }
}

extension Identifier: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let value = Identifier(text) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "expected a UUID, got \(text.debugDescription)")
        }
        self = value
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

public typealias BuildID = Identifier<Build>
public typealias JobID = Identifier<Job>
/// Also the fencing token of every write by a worker.
public typealias AttemptID = Identifier<Attempt>
public typealias WorkerID = Identifier<Worker>
public typealias TokenID = Identifier<AccessToken>

func hexDigit(_ byte: UInt8) -> UInt64? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt64(byte - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt64(byte - UInt8(ascii: "a") + 10)
    case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt64(byte - UInt8(ascii: "A") + 10)
    default: nil
    }
}

func hexCharacter(_ nibble: UInt8) -> UInt8 {
    nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") + nibble - 10
}

private func words(ofUUID text: UnsafeBufferPointer<UInt8>) -> (high: UInt64, low: UInt64)? {
    guard text.count == 36 else { return nil }
    var words: (high: UInt64, low: UInt64) = (0, 0)
    var digits = 0
    for position in 0..<36 {
        if position == 8 || position == 13 || position == 18 || position == 23 {
            guard text[position] == UInt8(ascii: "-") else { return nil }
            continue
        }
        guard let digit = hexDigit(text[position]) else { return nil }
        if digits < 16 { words.high = words.high << 4 | digit } else { words.low = words.low << 4 | digit }
        digits += 1
    }
    return words
}
