import BuildDomain
import Foundation
import Orchestration

/// Events in the history are JSON as the domain codes it, so that any tool can read them.
enum EventJSON {
    static func text(of event: BuildEvent) throws(StoreError) -> String {
        do { return try JSONTextEncoder.text(of: event) } catch {
            throw .broken("an event cannot be written as JSON: \(error)")
        }
    }

    /// - Returns: `nil` where the text is not an event.
    static func event(_ text: String) -> BuildEvent? {
        try? JSONDecoder().decode(BuildEvent.self, from: Data(text.utf8))
    }
}
