import APISchema
import BuildDomain
import Foundation

extension Timestamp {
    /// By the clock of this machine.
    static var now: Timestamp { Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)) }

    /// `just now`, `12 s ago`, `3 min ago`, `5 h ago`, `2 d ago`.
    func age(at now: Timestamp = .now) -> String {
        let seconds = (now.milliseconds - milliseconds) / 1000
        switch seconds {
        case ..<1: return "just now"
        case ..<60: return "\(seconds) s ago"
        case ..<3600: return "\(seconds / 60) min ago"
        case ..<86_400: return "\(seconds / 3600) h ago"
        default: return "\(seconds / 86_400) d ago"
        }
    }
}

extension Duration {
    /// `0.35 s`, `12.3 s`, `3 min 20 s`, `2 h 5 min`.
    var words: String {
        let milliseconds = max(0, wholeMilliseconds)
        let seconds = milliseconds / 1000
        switch milliseconds {
        case ..<10_000: return "\(seconds).\(twoDigits(milliseconds % 1000 / 10)) s"
        case ..<60_000: return "\(seconds).\(milliseconds % 1000 / 100) s"
        case ..<3_600_000: return "\(seconds / 60) min \(seconds % 60) s"
        default: return "\(seconds / 3600) h \(seconds / 60 % 60) min"
        }
    }
}

private func twoDigits(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }

/// From a start to an end, or to now while there is none; `-` before the start.
func took(from start: Timestamp?, to end: Timestamp?) -> String {
    guard let start else { return "-" }
    return ((end ?? .now) - start).words
}

extension BuildView {
    /// Why it did not succeed: `exit code 2`, `timeout: …`, `canceled`; empty where there is nothing to say.
    var explanation: String {
        var parts: [String] = []
        if let reason, reason != .script, reason.rawValue != status.rawValue { parts.append(reason.rawValue) }
        if let exitCode, status == .failed { parts.append("exit code \(exitCode)") }
        if let error { parts.append(error.onOneLine) }
        if parts.isEmpty, status == .failed, let reason { parts.append(reason.rawValue) }
        return parts.joined(separator: ", ")
    }

    var style: Style {
        switch status {
        case .pending: .dim
        case .running, .canceled: .yellow
        case .success: .green
        case .failed: .red
        }
    }
}
