/// Chooses what a client gets of what there is (RFC 9110 §12.5.1).
enum AcceptHeader {
    /// - Parameters:
    ///   - header: the field's value; everything is welcome where it is missing.
    ///   - offered: media types, the preferred one first.
    /// - Returns: `nil` where none is acceptable.
    static func choose(_ header: String?, from offered: [String]) -> String? {
        guard let header, !header.allSatisfy(\.isWhitespace) else { return offered.first }
        let ranges = header.split(separator: ",").map(parse)
        var best: (type: String, quality: Double)?
        for type in offered {
            // The most specific range that fits decides, wherever it stands.
            let fitting = ranges.filter { $0.fits(type) }.max { $0.specificity < $1.specificity }
            guard let quality = fitting?.quality, quality > 0, quality > best?.quality ?? 0 else { continue }
            best = (type, quality)
        }
        return best?.type
    }

    private struct Range {
        var type: Substring
        var subtype: Substring
        var quality: Double

        var specificity: Int { type == "*" ? 0 : subtype == "*" ? 1 : 2 }

        func fits(_ media: String) -> Bool {
            let parts = media.split(separator: "/", maxSplits: 1)
            return (type == "*" || type == parts[0]) && (subtype == "*" || subtype == parts[1])
        }
    }

    private static func parse(_ text: Substring) -> Range {
        let parts = text.lowercased().split(separator: ";").map { $0.filter { !$0.isWhitespace } }
        let names = (parts.first ?? "").split(separator: "/", maxSplits: 1)
        let quality = parts.dropFirst().first { $0.hasPrefix("q=") }.flatMap { Double($0.dropFirst(2)) } ?? 1
        return Range(type: names.first ?? "", subtype: names.count > 1 ? names[1] : "", quality: quality)
    }
}
