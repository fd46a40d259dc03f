import BuildDomain
import Foundation
import Synchronization

/// Writes down what happens, an entry a line, as it happens: a run that is cut off leaves what it saw.
package final class Recorder: Sendable {
    private struct State {
        var file: FileHandle
        var flaw: (any Error)?
    }

    private let state: Mutex<State>
    package let path: String

    /// - Throws: where the file cannot be made.
    package init(path: String) throws {
        self.path = path
        let folder = (path as NSString).deletingLastPathComponent
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Data().write(to: URL(fileURLWithPath: path))
        state = Mutex(State(file: try FileHandle(forWritingTo: URL(fileURLWithPath: path))))
    }

    package func record(_ entry: Entry) {
        state.withLock { state in
            do {
                let encoder = JSONEncoder()
                encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
                try state.file.write(contentsOf: try encoder.encode(entry) + Data("\n".utf8))
            } catch { state.flaw = state.flaw ?? error }
        }
    }

    /// Reads back what stands in the file.
    /// - Throws: what went wrong with it, now or before.
    package func entries() throws -> [Entry] {
        try state.withLock { if let flaw = $0.flaw { throw flaw } }
        return try Data(contentsOf: URL(fileURLWithPath: path)).split(separator: UInt8(ascii: "\n")).map {
            try JSONDecoder().decode(Entry.self, from: Data($0))
        }
    }
}

extension Timestamp {
    /// The time of this machine's clock, which PostgreSQL here goes by as well.
    package static var now: Timestamp {
        Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
    }
}
