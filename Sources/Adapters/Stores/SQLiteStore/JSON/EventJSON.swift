import BuildDomain
import Foundation
import Orchestration

extension EventJSON {
    /// - Returns: `nil` where the text is not an event.
    static func event(_ text: String) -> BuildEvent? {
        try? JSONDecoder().decode(BuildEvent.self, from: Data(text.utf8))
    }
}
