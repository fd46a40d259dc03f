import Foundation

/// Writes to the two standard outputs, at once and whole.
enum Output {
    /// A line of the command's result, on standard output.
    static func line(_ text: String) { write(Array((text + "\n").utf8)) }

    /// A remark on standard error, in the form of every remark.
    static func note(_ text: String) { error("mini-ci: " + text) }

    /// A line on standard error as it is.
    static func error(_ text: String) { write(Array((text + "\n").utf8), to: STDERR_FILENO) }

    static func write(_ bytes: [UInt8], to descriptor: Int32 = STDOUT_FILENO) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
            if count >= 0 {
                rest = rest.dropFirst(count)
                continue
            }
            switch errno {
            case EINTR: continue
            case EAGAIN:
                var ready = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                _ = poll(&ready, 1, 1000)
            case EPIPE where descriptor == STDOUT_FILENO: endByBrokenPipe()
            // A full disk or a closed descriptor: there is nowhere to complain to on standard error itself.
            default:
                if descriptor == STDOUT_FILENO {
                    note("could not write the output: \(String(cString: strerror(errno)))")
                    exit(Ending.failure.rawValue)
                }
                return
            }
        }
    }

    /// The reader of a pipe has left, as `head` does: end without a word, and by the signal that shells expect.
    private static func endByBrokenPipe() -> Never {
        signal(SIGPIPE, SIG_DFL)
        raise(SIGPIPE)
        exit(128 + SIGPIPE)
    }
}
