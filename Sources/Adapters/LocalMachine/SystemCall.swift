import Glibc
import Orchestration

/// Repeats a call that a signal interrupted, and turns failure into an error that names the file.
func checked<Result: SignedInteger>(_ what: String, _ call: () -> Result) throws(DiskError) -> Result {
    while true {
        let result = call()
        if result >= 0 { return result }
        let code = errno
        if code == EINTR { continue }
        let message = "\(what): \(String(cString: strerror(code)))"
        throw code == ENOSPC || code == EDQUOT ? .full(message) : .failed(message)
    }
}
