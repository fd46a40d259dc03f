import CSupervisor
import Glibc
import Orchestration

/// The process of one supervisor, from its start until it has been reaped.
struct Supervisor: Sendable {
    /// How often somebody who waits for its end looks.
    private static let lookMicroseconds: UInt32 = 1000
    /// How often at most: its socket closes a moment before it can be reaped.
    private static let looks = 1000

    let process: pid_t
    let lastWords: LastWords
    let limits: HostRunner.Limits

    /// A build may have stopped it (SIGSTOP) by accident or design; it must take orders again.
    /// Only before it has been reaped, when its number is certainly its own; this goes for all that follows.
    func wake() { Glibc.kill(process, SIGCONT) }

    func kill() { Glibc.kill(process, SIGKILL) }

    /// Why its socket has closed: by a signal, or because it ended by itself.
    /// - Parameter isOpen: whether nobody has begun to reap it.
    func wasKilled(while isOpen: () -> Bool) -> Bool {
        for _ in 0..<Self.looks where isOpen() {
            switch mini_ci_supervisor_was_killed(process) {
            case 1: return true
            case 0: return false
            default: usleep(Self.lookMicroseconds)
            }
        }
        return false
    }

    /// Waits until it has ended, and reaps it. Where it was killed, or obeys no more, everything it had is killed too.
    func end() -> Leftovers {
        var end = mini_ci_end()
        let limit = limits.kill + limits.answer
        mini_ci_supervisor_end(process, limit.clampedMilliseconds, limits.kill.clampedMilliseconds, &end)
        var leftovers = lastWords.leftovers
        if end.lost == 0 {
            if !leftovers.survivors.isEmpty { mini_ci_note_leftovers() }
            return leftovers
        }
        leftovers.supervisorWasLost = true
        leftovers.killed = Int(end.killed)
        leftovers.killedNames = names(of: end)
        leftovers.survivors = withUnsafeBytes(of: end.survivor) { raw in
            raw.bindMemory(to: Int32.self).prefix(Int(end.survivors)).map { Int($0) }
        }
        return leftovers
    }

    /// A process names itself, with any bytes it likes.
    private func names(of end: mini_ci_end) -> [String] {
        withUnsafeBytes(of: end.name) { raw in
            raw.bindMemory(to: mini_ci_process.self).prefix(Int(end.named)).map { process in
                let bytes = withUnsafeBytes(of: process.name) { Array($0.prefix { $0 != 0 }) }
                let shown = bytes.map { (0x21...0x7E).contains($0) ? $0 : UInt8(ascii: "?") }
                return "\(String(decoding: shown, as: UTF8.self)) (\(process.pid))"
            }
        }
    }
}
