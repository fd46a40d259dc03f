import CSupervisor
import Orchestration

/// What a supervisor writes down before it ends, in memory that it shares with the worker.
final class LastWords: Sendable {
    // The supervisor alone writes, and it is read only after its end.
    private nonisolated(unsafe) let words: UnsafePointer<mini_ci_last_words>

    init(_ words: UnsafePointer<mini_ci_last_words>) { self.words = words }

    deinit { mini_ci_free_last_words(words) }

    /// Only after the supervisor has been reaped.
    var leftovers: Leftovers {
        let words = words.pointee
        let survivors = withUnsafeBytes(of: words.survivor) { raw in
            Array(raw.bindMemory(to: Int32.self).prefix(Int(words.survivors)))
        }
        return Leftovers(
            killed: Int(words.killed), droppedBytes: Int64(clamping: words.dropped),
            survivors: survivors.map { Int($0) })
    }
}
