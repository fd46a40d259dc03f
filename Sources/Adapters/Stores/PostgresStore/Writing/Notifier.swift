import BuildDomain
import Orchestration

/// Carries signals between processes that share a database: each notification names its sender, which ignores it, since
/// it has told its own hub already.
struct Notifier: Sendable {
    static let channel = "mini_ci"

    /// A number that no other process has.
    private let sender: String

    init() { sender = String(UInt64.random(in: .min ... .max), radix: 36) }

    /// To be sent with the last statements of a transaction: notifications go out with its commit.
    func statements(for topics: Set<Topic>) -> [PostgresStatement] {
        guard !topics.isEmpty else { return [] }
        var texts: [String] = []
        var text = sender
        for topic in topics {
            let word = Self.word(for: topic)
            if text.utf8.count + 1 + word.utf8.count > PostgresLimits.notificationBytes {
                texts.append(text)
                text = sender
            }
            text += " " + word
        }
        texts.append(text)
        return [
            PostgresStatement(
                "SELECT count(pg_notify('\(Self.channel)', text)) FROM unnest($1::text[]) AS text", [.textArray(texts)])
        ]
    }

    /// What another process says; empty for this one's own words. What a newer version may add is passed over.
    func topics(in notification: String) -> [Topic] {
        guard !notification.hasPrefix(sender + " ") else { return [] }
        return notification.split(separator: " ").dropFirst().compactMap(Self.topic)
    }

    private static func word(for topic: Topic) -> String {
        switch topic {
        case .claimable: "c"
        case .cancelRequests: "x"
        case .build(let id): "b:\(id)"
        case .log(let id): "l:\(id)"
        }
    }

    private static func topic(_ word: Substring) -> Topic? {
        switch word.prefix(2) {
        case "c": .claimable
        case "x": .cancelRequests
        case "b:": BuildID(word.dropFirst(2)).map(Topic.build)
        case "l:": AttemptID(word.dropFirst(2)).map(Topic.log)
        default: nil
        }
    }
}
