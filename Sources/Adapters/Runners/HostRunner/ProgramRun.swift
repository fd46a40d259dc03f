import BuildDomain
import CSupervisor
import Glibc
import Orchestration

/// One program from its start to its last byte of output, on the thread that reads its pipes.
struct ProgramRun: ~Copyable {
    /// Larger than any pipe write that a program makes, small enough to stay in the processor's cache.
    private static let bufferSize = 256 * 1024

    private let request: RunRequest
    private let control: ControlSocket
    private let output: any OutputSink
    private let buffer: UnsafeMutableRawBufferPointer
    private var standardOutput: OutputPipe
    private var standardError: OutputPipe

    static func perform(
        _ request: RunRequest, through control: ControlSocket, output: any OutputSink
    ) -> Result<ExitStatus, RunnerError> {
        do throws(OutputPipe.Failure) {
            var run = ProgramRun(
                request: request, control: control, output: output,
                standardOutput: try OutputPipe(.stdout), standardError: try OutputPipe(.stderr))
            return run.perform()
        } catch {
            let text = "no pipe for its output: \(describe(error.cause))"
            return .failure(.cannotStart(program: request.program, cause: text))
        }
    }

    private init(
        request: RunRequest, control: ControlSocket, output: any OutputSink,
        standardOutput: consuming OutputPipe, standardError: consuming OutputPipe
    ) {
        self.request = request
        self.control = control
        self.output = output
        self.standardOutput = standardOutput
        self.standardError = standardError
        buffer = .allocate(byteCount: Self.bufferSize, alignment: 64)
    }

    deinit {
        buffer.deallocate()
    }

    private mutating func perform() -> Result<ExitStatus, RunnerError> {
        let cause = control.send(
            run: request.bytes, output: standardOutput.programEnd, error: standardError.programEnd)
        guard cause == 0 else {
            if cause == EPIPE || cause == ECONNRESET { return .failure(.closed) }
            return .failure(.cannotStart(program: request.program, cause: describe(cause)))
        }
        standardOutput.closeWriteEnd()
        standardError.closeWriteEnd()
        switch forwardUntilReply() {
        case .gone:
            forwardRest(lingering: false)
            return .failure(.closed)
        case .startFailed(MINI_CI_STAGE_REQUEST, ECANCELED):
            return .failure(.stopped)
        case .startFailed(let stage, let cause):
            return .failure(request.failure(stage: stage, cause: cause))
        case .exited(let status):
            forwardRest(lingering: true)
            return .success(ExitStatus(waitStatus: status))
        }
    }

    /// The reply is looked for in every round, so that endless output cannot hide the end. The end of both outputs says
    /// nothing: a program may close them and go on.
    private mutating func forwardUntilReply() -> ControlSocket.Reply {
        while true {
            wait(milliseconds: -1, withControl: true)
            if let reply = control.receive() { return reply }
            _ = standardOutput.forward(to: output, buffer: buffer)
            _ = standardError.forward(to: output, buffer: buffer)
        }
    }

    /// Hands over what was in the pipes when the program ended, all of it, and for a moment what its children add.
    private mutating func forwardRest(lingering: Bool) {
        var owed = standardOutput.waiting
        while owed > 0, standardOutput.isOpen { owed -= standardOutput.forward(to: output, buffer: buffer) }
        owed = standardError.waiting
        while owed > 0, standardError.isOpen { owed -= standardError.forward(to: output, buffer: buffer) }
        guard lingering else { return }
        let end = ContinuousClock.now + .milliseconds(HostRunner.lingerMilliseconds)
        while standardOutput.isOpen || standardError.isOpen {
            _ = standardOutput.forward(to: output, buffer: buffer)
            _ = standardError.forward(to: output, buffer: buffer)
            guard standardOutput.isOpen || standardError.isOpen else { return }
            let left = end - ContinuousClock.now
            guard left > .zero else { break }
            wait(milliseconds: Int32(left / .milliseconds(1)) + 1, withControl: false)
        }
        // A server in the background must not die of SIGPIPE at its next line because its step is over.
        if standardOutput.isOpen { control.send(drain: standardOutput.readEnd) }
        if standardError.isOpen { control.send(drain: standardError.readEnd) }
    }

    private func wait(milliseconds: Int32, withControl: Bool) {
        // poll passes over negative descriptors.
        var polled = (
            pollfd(fd: withControl ? control.descriptor : -1, events: Int16(POLLIN), revents: 0),
            pollfd(fd: standardOutput.readEnd, events: Int16(POLLIN), revents: 0),
            pollfd(fd: standardError.readEnd, events: Int16(POLLIN), revents: 0)
        )
        withUnsafeMutableBytes(of: &polled) { raw in
            let descriptors = raw.assumingMemoryBound(to: pollfd.self)
            _ = poll(descriptors.baseAddress, nfds_t(descriptors.count), milliseconds)
        }
    }
}

extension ExitStatus {
    /// Reads a status of `waitpid`: the signal in the low seven bits, the exit code in the next byte.
    init(waitStatus: Int32) {
        let signal = waitStatus & 0x7F
        self = signal == 0 ? .exited(Int(waitStatus >> 8 & 0xFF)) : .signaled(Int(signal))
    }
}
