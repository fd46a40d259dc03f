import BuildDomain
import CSupervisor
import Glibc
import Orchestration

/// One output of a running program: the read end of its pipe.
struct OutputPipe: ~Copyable {
    /// What the kernel holds for one pipe: large enough that a program seldom waits for the reader, small enough that
    /// 128 outputs fit into the 64 MiB a user other than root may have in pipes.
    static let capacity: Int32 = 512 * 1024

    let stream: LogStream
    /// -1 after the end of file.
    private(set) var readEnd: Int32
    private var writeEnd: Int32

    /// - Throws: an `errno`, when the system has no descriptor left.
    init(_ stream: LogStream) throws(Failure) {
        self.stream = stream
        readEnd = -1
        writeEnd = -1
        let cause = mini_ci_pipe(Self.capacity, &readEnd, &writeEnd)
        guard cause == 0 else { throw Failure(cause: cause) }
    }

    struct Failure: Error {
        let cause: Int32
    }

    deinit {
        if readEnd >= 0 { Glibc.close(readEnd) }
        if writeEnd >= 0 { Glibc.close(writeEnd) }
    }

    var isOpen: Bool { readEnd >= 0 }

    /// The end the program gets; valid until ``closeWriteEnd()``.
    var programEnd: Int32 { writeEnd }

    /// Without this the end of file never comes.
    mutating func closeWriteEnd() {
        Glibc.close(writeEnd)
        writeEnd = -1
    }

    /// How many bytes wait to be read.
    var waiting: Int {
        var count: Int32 = 0
        return isOpen && ioctl(readEnd, UInt(FIONREAD), &count) == 0 ? Int(count) : 0
    }

    /// Hands over what is there, at most one buffer of it, without waiting.
    /// - Returns: the number of bytes, 0 when there was nothing or the end.
    mutating func forward(to output: any OutputSink, buffer: UnsafeMutableRawBufferPointer) -> Int {
        guard isOpen else { return 0 }
        let got = read(readEnd, buffer.baseAddress, buffer.count)
        if got > 0 {
            output.write(UnsafeRawBufferPointer(rebasing: buffer[..<got]), to: stream)
            return got
        }
        if got == 0 || (errno != EAGAIN && errno != EINTR) {
            Glibc.close(readEnd)
            readEnd = -1
        }
        return 0
    }
}
