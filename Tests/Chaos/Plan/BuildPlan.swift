import TestSupport

/// What one build of a run does. It is known before the build is submitted, so that its log can be held against it.
package struct BuildPlan: Sendable, Hashable, Codable {
    package var number: Int
    /// Lines that the command prints.
    package var lines: Int
    /// After how many lines it pauses.
    package var stride: Int
    package var pauseMilliseconds: Int
    package var exitCode: Int
    /// When to cancel it, counted from the answer to the submit; never where it is `nil`.
    package var cancelAfterMilliseconds: Int?

    package init(
        number: Int, lines: Int, stride: Int, pauseMilliseconds: Int, exitCode: Int,
        cancelAfterMilliseconds: Int? = nil
    ) {
        self.number = number
        self.lines = lines
        self.stride = stride
        self.pauseMilliseconds = pauseMilliseconds
        self.exitCode = exitCode
        self.cancelAfterMilliseconds = cancelAfterMilliseconds
    }

    /// Every tenth fails on purpose, every ninth is canceled, and they take from nothing to about six seconds.
    private init(number: Int, from generator: inout SeededGenerator) {
        let stride = Int.random(in: 5...40, using: &generator)
        self.init(
            number: number, lines: stride * Int.random(in: 1...20, using: &generator), stride: stride,
            pauseMilliseconds: Int.random(in: 50...300, using: &generator),
            exitCode: Int.random(in: 0..<10, using: &generator) == 0 ? Int.random(in: 1...99, using: &generator) : 0)
        if Int.random(in: 0..<9, using: &generator) == 0 {
            cancelAfterMilliseconds = Int.random(in: 0...4000, using: &generator)
        }
    }

    /// What the builds of a run are like.
    package enum Workload: String, Sendable, Hashable, Codable {
        /// Of every kind.
        case mixed
        /// Each takes ten seconds, so that most workers have one at any time.
        case long
        /// Each is done at once, so that it is claims that take the time.
        case brief
    }

    package init(number: Int, _ workload: Workload, from generator: inout SeededGenerator) {
        switch workload {
        case .mixed: self.init(number: number, from: &generator)
        case .long: self.init(number: number, lines: 40, stride: 2, pauseMilliseconds: 500, exitCode: 0)
        case .brief: self.init(number: number, lines: 3, stride: 4, pauseMilliseconds: 0, exitCode: 0)
        }
    }

    package var command: String {
        """
        i=0
        while [ $i -lt \(lines) ]; do
            i=$((i+1))
            echo "build \(number) attempt $MINI_CI_ATTEMPT line $i of \(lines)"
            [ $((i % \(stride))) -ne 0 ] || sleep \(Double(pauseMilliseconds) / 1000)
        done
        exit \(exitCode)
        """
    }

    /// What the command prints in an attempt, line by line.
    package func output(attempt: Int) -> [String] {
        (0..<lines).map { "build \(number) attempt \(attempt) line \($0 + 1) of \(lines)" }
    }
}
