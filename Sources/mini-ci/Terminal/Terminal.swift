import Foundation

/// What the outputs are connected to.
struct Terminal: Sendable {
    /// Standard output is a terminal.
    var showsOutput: Bool
    /// Standard error is a terminal.
    var showsErrors: Bool
    /// Standard input and error are a terminal, so that a question can be answered.
    var canAsk: Bool
    var usesColor: Bool
    /// In characters.
    var width: Int

    static let current: Terminal = {
        let environment = ProcessInfo.processInfo.environment
        let showsOutput = isatty(STDOUT_FILENO) == 1
        let showsErrors = isatty(STDERR_FILENO) == 1
        let isPlain = !(environment["NO_COLOR"] ?? "").isEmpty || environment["TERM"] == "dumb"
        return Terminal(
            showsOutput: showsOutput, showsErrors: showsErrors, canAsk: showsErrors && isatty(STDIN_FILENO) == 1,
            usesColor: !isPlain, width: measuredWidth() ?? environment["COLUMNS"].flatMap { Int($0) } ?? 80)
    }()

    private static func measuredWidth() -> Int? {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
        return Int(size.ws_col)
    }
}

/// Looks of text on a terminal (ECMA-48 §8.3.117).
enum Style: String {
    case bold = "1"
    case dim = "2"
    case red = "31"
    case green = "32"
    case yellow = "33"

    static let reset = "\u{1B}[0m"

    func callAsFunction(_ text: String, if isOn: Bool) -> String {
        isOn ? "\u{1B}[\(rawValue)m\(text)\(Self.reset)" : text
    }
}
