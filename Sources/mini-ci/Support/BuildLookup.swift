import APIClient
import APISchema
import BuildDomain
import Orchestration

/// Finds a build by its id, or by enough of its beginning or end. Ids made in the same minute begin alike, so the end
/// is the better half.
enum BuildLookup {
    static let shortest = 4
    /// How many of the newest builds are looked through.
    static let reach = 200

    static func find(_ text: String, _ client: APIClient) async throws -> BuildID {
        if let id = BuildID(text) { return id }
        let part = try part(text)
        var ids: [BuildID] = []
        var cursor: String?
        repeat {
            let page = try await client.builds(BuildFilter(limit: 100, cursor: cursor))
            ids += page.items.map(\.id)
            cursor = page.nextCursor
        } while cursor != nil && ids.count < reach
        return try choose(part, among: ids)
    }

    /// Straight in a database.
    static func find(_ text: String, _ history: VerifyHistory) async throws -> BuildID {
        if let id = BuildID(text) { return id }
        return try choose(try part(text), among: try await history.newest(reach))
    }

    private static func part(_ text: String) throws -> String {
        let part = text.lowercased()
        guard part.count >= shortest, part.allSatisfy({ $0.isHexDigit || $0 == "-" }) else {
            throw CommandFailure(
                "\(text.prefix(100).debugDescription) is no build id; expected one as `mini-ci builds` prints it, or "
                    + "at least \(shortest) characters of its beginning or end", ending: .usage)
        }
        return part
    }

    static func choose(_ part: String, among ids: [BuildID]) throws -> BuildID {
        let matching = ids.filter { $0.description.hasPrefix(part) || $0.description.hasSuffix(part) }
        guard let only = matching.first else {
            throw CommandFailure("none of the newest \(ids.count) builds has an id that begins or ends with '\(part)'")
        }
        guard matching.count == 1 else {
            let list = matching.prefix(5).map { "\n  \($0)" }.joined()
            throw CommandFailure("'\(part)' fits \(matching.count) builds; give more of the id:\(list)", ending: .usage)
        }
        return only
    }
}

extension BuildID {
    /// The random end, which tells builds apart.
    var short: String { String(description.suffix(12)) }
}
