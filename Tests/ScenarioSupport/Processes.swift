import Foundation

/// Processes of this machine.
package enum Processes {
    /// Those with `text` in their environment.
    package static func with(_ text: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: "/proc").filter { name in
            guard name.allSatisfy(\.isNumber), let bytes = FileManager.default.contents(atPath: "/proc/\(name)/environ")
            else { return false }
            return bytes.range(of: Data(text.utf8)) != nil
        }
    }
}
