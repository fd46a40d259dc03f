import Foundation

/// How a process is started: with nothing of this one but what is said here. Foundation's own way lets other children
/// inherit what it watches a process by, and the blocked signals of the thread it is called on.
package struct Spawn {
    package var arguments: [String]
    /// All of it.
    package var environment: [String: String]
    package var folder: String
    /// A descriptor; `/dev/null` where there is none.
    package var input: Int32?
    /// Files for what it prints; `/dev/null` where there are none.
    package var output = "/dev/null"
    package var error = "/dev/null"

    /// - Returns: the process, which somebody has to wait for.
    package func callAsFunction() throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        if let input { posix_spawn_file_actions_adddup2(&actions, input, 0) }
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, error, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        // What other tests have open at this moment may not be marked to be closed.
        for descriptor in 3...(try highestDescriptor() + 64) { posix_spawn_file_actions_addclose(&actions, descriptor) }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var (none, all) = (sigset_t(), sigset_t())
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        // In a process group of its own, which what ends the tests' group does not end.
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        var process = pid_t()
        let shell = ["/bin/sh", "-c", "cd \"$0\" && exec \"$@\"", folder] + arguments
        let code = withCStrings(shell) { shell in
            withCStrings(environment.map { "\($0)=\($1)" }) { environment in
                posix_spawn(&process, "/bin/sh", &actions, &attributes, shell, environment)
            }
        }
        guard code == 0 else {
            throw ScenarioError("\(arguments[0]) cannot be started: \(String(cString: strerror(code)))")
        }
        return process
    }

    private func highestDescriptor() throws -> Int32 {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").compactMap { Int32($0) }.max() ?? 3
    }

    private func withCStrings<Answer>(
        _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Answer
    ) -> Answer {
        let copies = strings.map { strdup($0) }
        defer { for copy in copies { free(copy) } }
        return body(copies + [nil])
    }
}
