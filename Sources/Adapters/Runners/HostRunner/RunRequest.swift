import CSupervisor
import Orchestration

/// A command in the form the supervisor reads: two counts, then NUL-terminated directory, arguments and environment.
struct RunRequest: Sendable {
    let program: String
    let directory: String
    /// `PATH` of the command, for the message when the program is not in it.
    let searchPath: String?
    private(set) var bytes: [UInt8]

    /// - Throws: ``RunnerError/cannotStart(program:cause:)`` for what no system call could take.
    init(_ command: Command) throws(RunnerError) {
        let program = command.arguments.first ?? ""
        func refuse(_ why: String) -> RunnerError { .cannotStart(program: program, cause: why) }
        guard !program.isEmpty else { throw refuse("no program was named") }
        guard command.directory.hasPrefix("/") else {
            throw refuse("the working directory '\(command.directory)' is not an absolute path")
        }
        self.program = program
        directory = command.directory
        searchPath = command.environment["PATH"]
        bytes = []
        append(count: command.arguments.count)
        append(count: command.environment.count)
        guard append(command.directory) else { throw refuse("the working directory contains a NUL byte") }
        for argument in command.arguments {
            guard append(argument) else { throw refuse("an argument contains a NUL byte") }
        }
        for (name, value) in command.environment {
            guard !name.isEmpty, !name.utf8.contains(UInt8(ascii: "=")) else {
                throw refuse("the environment has the variable name '\(name)', which is empty or contains '='")
            }
            guard append("\(name)=\(value)") else {
                throw refuse("the environment variable '\(name)' contains a NUL byte")
            }
        }
        guard bytes.count <= HostRunner.requestLimit else {
            let limit = HostRunner.requestLimit
            throw refuse("its arguments and environment take \(bytes.count) bytes; the limit is \(limit) bytes")
        }
    }

    private mutating func append(count: Int) {
        withUnsafeBytes(of: UInt32(clamping: count)) { bytes.append(contentsOf: $0) }
    }

    private mutating func append(_ text: String) -> Bool {
        let start = bytes.count
        bytes.append(contentsOf: text.utf8)
        guard !bytes[start...].contains(0) else { return false }
        bytes.append(0)
        return true
    }
}
