import HTTPTypes

/// Finds the routes of a path. Knows every method of it, so that a wrong one is told from a wrong path.
struct RouteTable: Sendable {
    struct Entry: Sendable {
        let template: String
        let segments: [Segment]
        var routes: [HTTPRequest.Method: Route]

        /// The methods for an `Allow` header.
        var allow: String {
            let heads: [HTTPRequest.Method] = routes[.get] == nil ? [] : [.head]
            return (routes.keys + heads).map(\.rawValue).sorted().joined(separator: ", ")
        }
    }

    enum Segment: Sendable, Equatable {
        case literal(String)
        case placeholder
    }

    /// By number of segments.
    private var entries: [Int: [Entry]] = [:]

    init(_ routes: [Route]) {
        for route in routes {
            let segments = route.path.split(separator: "/").map { part in
                part.hasPrefix("{") ? Segment.placeholder : .literal(String(part))
            }
            var sameLength = entries[segments.count] ?? []
            if let index = sameLength.firstIndex(where: { $0.template == route.path }) {
                sameLength[index].routes[route.method] = route
            } else {
                sameLength.append(Entry(template: route.path, segments: segments, routes: [route.method: route]))
            }
            entries[segments.count] = sameLength
        }
    }

    func match(_ path: String) -> (entry: Entry, placeholders: [Substring])? {
        guard path.hasPrefix("/") else { return nil }
        let parts = path == "/" ? [] : path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        candidates: for entry in entries[parts.count] ?? [] {
            var placeholders: [Substring] = []
            for (segment, part) in zip(entry.segments, parts) {
                switch segment {
                case .literal(let text): if text != part { continue candidates }
                case .placeholder: placeholders.append(part)
                }
            }
            return (entry, placeholders)
        }
        return nil
    }
}
