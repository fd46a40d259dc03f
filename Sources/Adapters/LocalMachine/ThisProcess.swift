import CProcess
import Glibc

/// What the system lets this process do, and others do with it.
public enum ThisProcess {
    /// Keeps other processes of the same user, which builds are, from reading this one's memory and environment, where
    /// tokens and passwords are. Programs that it starts are as open as ever.
    /// - Returns: what stood in the way; `nil` where it was done.
    public static func seal() -> String? {
        let code = mini_ci_process_seal()
        return code == 0 ? nil : String(cString: strerror(code))
    }

    /// Lets this process, and every one that it starts from now on, have as many files open as it may ask for. Not for
    /// one that runs builds: old programs break where descriptors have numbers beyond 1024 (`select(2)`).
    public static func raiseFileLimit() {
        guard var limit = limit else { return }
        limit.rlim_cur = limit.rlim_max
        // Refused, it stays as it was.
        _ = setrlimit(resource, &limit)
    }

    /// Files that it may have open at once.
    public static var fileLimit: Int { limit.map { Int(clamping: $0.rlim_cur) } ?? 1024 }

    private static let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)

    private static var limit: rlimit? {
        var limit = rlimit()
        return getrlimit(resource, &limit) == 0 ? limit : nil
    }
}
