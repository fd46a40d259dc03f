import APIClient
import APISchema
import BuildDomain

/// Prints the lines of a log as they come: all of them, whatever stream they are from, on standard output.
struct LogPrinter: Sendable {
    let isJSON: Bool
    /// Only lines of this step.
    var step: Int?
    private var filter = TerminalFilter()
    private var attempt: AttemptID?
    private let terminal = Terminal.current

    init(isJSON: Bool, step: Int? = nil) {
        self.isJSON = isJSON
        self.step = step
    }

    mutating func show(_ line: LineView) throws {
        if let step, line.step != step { return }
        if isJSON { return try JSONOutput.line(line) }
        // Lines of two attempts must not look like one output that repeats itself.
        if let attempt, let next = line.attempt, next != attempt { Output.note("the next attempt begins") }
        attempt = line.attempt ?? attempt
        let bytes = Array((line.text + "\n").utf8)
        guard terminal.showsOutput else { return Output.write(bytes) }
        let harmless = filter(bytes)
        // What the system says is told apart from what the build prints.
        guard terminal.usesColor, line.stream == "system" else { return Output.write(harmless) }
        Output.line(Style.dim(String(decoding: harmless.dropLast(), as: UTF8.self), if: true))
    }

    /// On a terminal the wait for a server is worth a word; in a pipe only giving up is.
    func showLoss(_ cause: APIClientError) {
        guard terminal.showsErrors else { return }
        let text: String
        switch cause {
        case .unreachable(_, let cause), .interrupted(_, let cause): text = cause
        case .withoutTLS, .refused, .unexpected, .unreadable, .unusableToken, .canceled:
            text = cause.description.onOneLine
        }
        Output.note("lost the connection (\(text)); trying again")
    }
}
