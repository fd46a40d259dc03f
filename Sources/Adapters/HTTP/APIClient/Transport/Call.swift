import NIOHTTP1

/// One request, without the address and the token.
struct Call: Sendable {
    var method: HTTPMethod
    /// From the API's root on, with every segment already fit for a path.
    var path: String
    var query: [(String, String)] = []
    var headers: [(String, String)] = []
    var contentType = "application/json"
    var body: [UInt8]?
    var accept = "application/json"
    /// How long the head of the answer may take.
    var patience = Duration.seconds(30)
    /// Doing it twice is the same as once, so it is repeated at once when a kept connection turns out to be dead.
    var isRepeatable = true

    var target: String {
        guard !query.isEmpty else { return path }
        return path + "?" + query.map { "\($0.0.queryEscaped)=\($0.1.queryEscaped)" }.joined(separator: "&")
    }
}

extension String {
    /// Percent-encoded but for the unreserved characters of RFC 3986 §2.3.
    var queryEscaped: String {
        var text = ""
        for byte in utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                text.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                text += digits.utf8.count == 1 ? "%0\(digits)" : "%\(digits)"
            }
        }
        return text
    }
}
