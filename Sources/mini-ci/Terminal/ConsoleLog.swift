import BuildDomain
import Foundation
import Logging

/// Log messages as lines of text on standard error: time, level, message, then `key=value` for each piece of metadata.
struct ConsoleLog: LogHandler {
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?
    var logLevel: Logger.Level

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        Output.error(Self.text(event, at: .now, metadata: merged(event)))
    }

    /// Makes a logger; the first call also decides for every library in the process.
    static func start(level: Logger.Level) -> Logger {
        LoggingSystem.bootstrap { _ in ConsoleLog(logLevel: level) }
        return Logger(label: "mini-ci")
    }

    static func text(_ event: LogEvent, at time: Timestamp, metadata: Logger.Metadata) -> String {
        let level = event.level.rawValue
        let padding = String(repeating: " ", count: max(0, 8 - level.count))
        let fields = metadata.sorted { $0.key < $1.key }.map { " \($0.key)=\(quoted("\($0.value)"))" }.joined()
        // What is logged may come from a build or a stranger and must not start a line of its own.
        return "\(time) \(level)\(padding) \(event.message.description.onOneLine)\(fields)"
    }

    private func merged(_ event: LogEvent) -> Logger.Metadata {
        var all = metadataProvider?.get() ?? [:]
        all.merge(metadata) { $1 }
        all.merge(event.metadata ?? [:]) { $1 }
        if let error = event.error { all["error"] = "\(error)" }
        return all
    }

    private static func quoted(_ text: String) -> String {
        let isPlain = !text.isEmpty && text.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F && $0 != UInt8(ascii: "\"") }
        return isPlain ? text : text.debugDescription
    }
}
