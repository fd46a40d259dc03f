import BuildDomain
import Orchestration
import Synchronization

/// Runs git in an execution and speaks to the build's log.
struct GitTool: Sendable {
    /// How much of one output of git is kept, in bytes; what is beyond is cut off.
    static let keptOutput = 64 * 1024

    let execution: any Execution
    let environment: [String: String]
    let output: any OutputSink

    /// What a git process said, without credentials.
    struct Answer: Sendable {
        var status: ExitStatus
        var standardOutput: [UInt8]
        var standardError: String
        var isSuccess: Bool { status.isSuccess }
    }

    func run(
        _ arguments: [String], in directory: String, keeping limit: Int = keptOutput
    ) async throws(CheckoutError) -> Answer {
        guard !Task.isCancelled else { throw .stopped }
        let collector = Collector(limit: limit)
        let command = Command(
            arguments: ["git"] + gitOptions + arguments, environment: environment, directory: directory)
        let status: ExitStatus
        do { status = try await execution.run(command, output: collector) } catch {
            switch error {
            case .cannotStart(let program, let cause): throw CheckoutError("\(program) could not be started: \(cause)")
            case .cannotBegin(let cause): throw CheckoutError("git could not be run: \(cause)")
            case .stopped: throw .stopped
            case .supervisorLost: throw CheckoutError(RunnerError.supervisorLostSentence)
            case .closed: throw CheckoutError("the attempt ended during the checkout")
            }
        }
        // What git says when a stop ends it would only hide the cause.
        guard status.isSuccess || !Task.isCancelled else { throw .stopped }
        let (out, error) = collector.collected
        return Answer(
            status: status, standardOutput: out, standardError: masked(String(decoding: error, as: UTF8.self)))
    }

    /// Ends git, and with it whatever runs in the execution, when it takes longer than `timeout`.
    /// - Returns: `nil` when it did.
    func run(
        _ arguments: [String], in directory: String, timeout: Duration
    ) async throws(CheckoutError) -> Answer? {
        let (result, isLate) = await withTaskGroup(of: Result<Answer, CheckoutError>?.self) { group in
            group.addTask {
                do throws(CheckoutError) { return .success(try await run(arguments, in: directory)) } catch {
                    return .failure(error)
                }
            }
            group.addTask {
                if (try? await Task.sleep(for: timeout)) != nil { execution.interrupt(grace: .seconds(2)) }
                return nil
            }
            var isLate = false
            for await outcome in group {
                if let outcome {
                    group.cancelAll()
                    return (outcome, isLate)
                }
                isLate = true
            }
            return (.failure(CheckoutError("the end of git was lost")), isLate)
        }
        let answer = try result.get()
        return !answer.isSuccess && isLate && !Task.isCancelled ? nil : answer
    }

    /// Writes a line of the worker's own into the log.
    func say(_ line: String) {
        write(masked(line) + "\n", to: .system)
    }

    /// Hands git's own words over when something went wrong.
    func pass(_ answer: Answer) {
        guard !answer.standardError.isEmpty else { return }
        write(answer.standardError.hasSuffix("\n") ? answer.standardError : answer.standardError + "\n", to: .stderr)
    }

    private func write(_ text: String, to stream: LogStream) {
        var text = text
        text.withUTF8 { output.write(UnsafeRawBufferPointer($0), to: stream) }
    }
}

/// Keeps the beginning of both outputs.
private final class Collector: OutputSink {
    private let limit: Int
    private let kept = Mutex<(out: [UInt8], error: [UInt8])>(([], []))

    init(limit: Int) {
        self.limit = limit
    }

    var collected: (out: [UInt8], error: [UInt8]) { kept.withLock { $0 } }

    func write(_ bytes: UnsafeRawBufferPointer, to stream: LogStream) {
        kept.withLock { kept in
            if stream == .stdout {
                kept.out.append(contentsOf: bytes.prefix(limit - kept.out.count))
            } else {
                kept.error.append(contentsOf: bytes.prefix(limit - kept.error.count))
            }
        }
    }
}
