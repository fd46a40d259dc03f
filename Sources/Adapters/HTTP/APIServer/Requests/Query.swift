import APISchema
import BuildDomain

/// The parameters behind the question mark.
struct Query: Sendable {
    private var values: [String: String] = [:]

    /// - Parameter known: what the route takes; others are refused, so that a misspelt filter does not widen a list.
    init(_ text: String?, known: [String]) throws(APIFailure) {
        guard let text, !text.isEmpty else { return }
        for pair in text.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = parts[0].percentDecoded, let value = parts.count > 1 ? parts[1].percentDecoded : "" else {
                throw .invalidParameter(String(pair), "is not percent-encoded UTF-8")
            }
            guard known.contains(name) else {
                throw .invalidParameter(name, "is not a parameter here. " + suggestion(for: name, among: known))
            }
            guard values.updateValue(value, forKey: name) == nil else {
                throw .invalidParameter(name, "was given twice")
            }
        }
    }

    func text(_ name: String) -> String? { values[name] }

    func integer(_ name: String, in range: ClosedRange<Int64>) throws(APIFailure) -> Int64? {
        guard let text = values[name] else { return nil }
        guard let number = Int64(text), range.contains(number), text.utf8.first != UInt8(ascii: "+") else {
            throw .invalidParameter(
                name,
                "must be a whole number from \(range.lowerBound) to \(range.upperBound); got \(text.debugDescription)")
        }
        return number
    }

    /// One of the names of an enumeration.
    func choice<Value: RawRepresentable<String> & CaseIterable>(_ name: String) throws(APIFailure) -> Value? {
        guard let text = values[name] else { return nil }
        guard let value = Value(rawValue: text) else {
            let all = Value.allCases.map(\.rawValue).joined(separator: ", ")
            throw .invalidParameter(name, "must be one of \(all); got \(text.debugDescription)")
        }
        return value
    }
}

extension Substring {
    /// With `%xx` and `+` resolved; `nil` where that is not UTF-8 or an escape is broken.
    fileprivate var percentDecoded: String? {
        guard utf8.contains(where: { $0 == UInt8(ascii: "%") || $0 == UInt8(ascii: "+") }) else { return String(self) }
        var bytes: [UInt8] = []
        var rest = utf8[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%") {
                let digits = rest.prefix(2)
                guard digits.count == 2, digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
                    let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
                else { return nil }
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
