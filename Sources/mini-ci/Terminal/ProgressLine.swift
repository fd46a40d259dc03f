import Foundation
import Synchronization

/// A line on standard error that is written anew while something takes long, and is gone before anything else is said.
final class ProgressLine: Sendable {
    /// Long enough that a terminal is not busy with it.
    private static let interval = Duration.milliseconds(200)

    private let isOn: Bool
    private let lastShown = Mutex<ContinuousClock.Instant?>(nil)

    /// - Parameter isOn: where it is not, nothing is ever written.
    init(isOn: Bool) { self.isOn = isOn }

    func show(_ text: @autoclosure () -> String) {
        guard isOn else { return }
        let isDue = lastShown.withLock { last in
            let now = ContinuousClock.now
            guard last.map({ now - $0 >= Self.interval }) ?? true else { return false }
            last = now
            return true
        }
        if isDue { write("\r\u{1B}[K" + text()) }
    }

    func clear() {
        let wasShown = lastShown.withLock { last in
            defer { last = nil }
            return last != nil
        }
        if wasShown { write("\r\u{1B}[K") }
    }

    private func write(_ text: String) { Output.write(Array(text.utf8), to: STDERR_FILENO) }
}
