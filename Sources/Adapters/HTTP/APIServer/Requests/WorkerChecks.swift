import APISchema
import BuildDomain
import Orchestration

/// What workers send is from outside too: a bearer of a worker's token must not be able to stop a server with odd
/// numbers or fill a store with endless names.
private enum WorkerLimit {
    /// Characters of a name or version.
    static let name = 200
    /// Unicode scalars of an error or a step's name.
    static let text = 16_384
    static let capacity = 10_000
    static let attempts = 10_000
    static let steps = 10_000
    /// Numbers that JSON readers of every kind can hold.
    static let number: Int64 = 1 << 53
}

extension LogChunk {
    /// Far from where the arithmetic on line numbers and offsets overflows.
    var isPlausible: Bool {
        (0...WorkerLimit.number).contains(offset) && (1...WorkerLimit.number).contains(firstLine)
    }
}

extension WorkerRegistration {
    func check() throws(APIFailure) {
        var checks = Checks()
        checks.name("name", name)
        checks.text("version", version, limit: WorkerLimit.name)
        checks.labels(labels)
        checks.expect(
            (1...WorkerLimit.capacity).contains(capacity), "capacity", "must be from 1 to \(WorkerLimit.capacity)")
        checks.expect(holding.count <= WorkerLimit.attempts, "holding", "has too many attempts")
        try checks.end()
    }
}

extension ClaimRequest {
    func check() throws(APIFailure) {
        var checks = Checks()
        checks.name("worker.name", worker.name)
        checks.labels(labels)
        checks.expect((1...WorkerLimit.attempts).contains(limit), "limit", "must be from 1 to \(WorkerLimit.attempts)")
        checks.wait(waitMilliseconds)
        try checks.end()
    }
}

extension RenewRequest {
    func check() throws(APIFailure) {
        var checks = Checks()
        checks.expect(attempts.count <= WorkerLimit.attempts, "attempts", "has too many attempts")
        checks.expect(stopping.count <= WorkerLimit.attempts, "stopping", "has too many attempts")
        checks.wait(waitMilliseconds)
        try checks.end()
    }
}

extension ReportMessage {
    func check() throws(APIFailure) {
        var checks = Checks()
        checks.progress(progress)
        try checks.end()
    }
}

extension FinishMessage {
    func check() throws(APIFailure) {
        var checks = Checks()
        checks.progress(progress)
        checks.number("end.exit_code", end.exitCode)
        checks.number("end.signal", end.signal)
        if let error = end.error { checks.text("end.error", error) }
        if let seal = end.seal {
            let isDigest = seal.sha256.utf8.count == 64 && seal.sha256.allSatisfy(\.isHexDigit)
            checks.expect(isDigest, "end.seal.sha256", "must be 64 hexadecimal digits")
            let numbers = 0...WorkerLimit.number
            checks.expect(
                numbers.contains(seal.extent.length) && numbers.contains(seal.extent.lines), "end.seal.extent",
                "is out of range")
        }
        try checks.end()
    }
}

private struct Checks {
    private var problems: [FieldProblem] = []

    mutating func expect(_ holds: Bool, _ field: String, _ message: String) {
        if !holds { problems.append(FieldProblem(field: field, message: message)) }
    }

    mutating func name(_ field: String, _ text: String) {
        let isPrintable = !text.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7F }
        expect(
            (1...WorkerLimit.name).contains(text.unicodeScalars.count) && isPrintable, field,
            "must be 1 to \(WorkerLimit.name) printable characters")
    }

    mutating func text(_ field: String, _ text: String, limit: Int = WorkerLimit.text) {
        expect(
            text.unicodeScalars.count <= limit && !text.utf8.contains(0), field,
            "must be at most \(limit) characters without NUL")
    }

    mutating func labels(_ labels: Set<Label>) {
        expect(labels.count <= Label.maximumCount, "labels", "has more than \(Label.maximumCount) labels")
        for label in labels.sorted() {
            do { _ = try Label(label.description) } catch { expect(false, error.field, error.message) }
        }
    }

    mutating func wait(_ milliseconds: Int64) {
        expect((0...WorkerLimit.number).contains(milliseconds), "wait_ms", "must be 0 or more milliseconds")
    }

    mutating func number(_ field: String, _ number: Int?) {
        expect(number.map { Int32(exactly: $0) != nil } ?? true, field, "is out of range")
    }

    mutating func progress(_ progress: AttemptProgress) {
        expect(progress.steps.count <= WorkerLimit.steps, "progress.steps", "has too many steps")
        for step in progress.steps.prefix(WorkerLimit.steps) {
            text("progress.steps.name", step.name)
            number("progress.steps.exit_code", step.exitCode)
        }
    }

    func end() throws(APIFailure) {
        if !problems.isEmpty { throw .invalidBody(problems) }
    }
}
