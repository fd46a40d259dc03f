import Foundation
import Synchronization

/// The shell that has the server as its child, and the pipe that keeps both alive.
///
/// When this process ends, even by SIGKILL, the pipe closes; the shell then stops its own child, whose process id
/// cannot be anybody else's before the shell has waited for it, and removes the folder.
final class PostgresKeeper: Sendable {
    let folder: String
    let port: UInt16

    private struct Pipes {
        var shell: pid_t
        var commands: FileHandle?
        var answers: FileHandle
    }

    private let pipes: Mutex<Pipes>
    private static let startLimit: Duration = .seconds(60)

    /// Starts the shell and has it create the data folder; the server is not started yet.
    init(fsync: Bool) throws {
        let binaries = try findPostgres()
        let user = try serverUser() ?? ""
        port = try freePort()
        folder = try makeFolder()
        let settings = [
            "listen_addresses=127.0.0.1", "port=\(port)", "unix_socket_directories=\(folder)", "max_connections=200",
            "fsync=\(fsync ? "on" : "off")", "full_page_writes=\(fsync ? "on" : "off")", "log_min_messages=warning",
            "lc_messages=C", "shared_buffers=64MB",
        ]
        let arguments = [folder, binaries, user] + settings.flatMap { ["-c", $0] }
        pipes = Mutex(try PostgresKeeper.startShell(arguments))
        try tell("init")
    }

    deinit { end() }

    /// Sends a command to the shell and waits until it was carried out.
    ///
    /// - Throws: `PostgresServerError` with the end of the log when the shell says that it failed.
    func tell(_ command: String) throws {
        let answer = try pipes.withLock { pipes in
            guard let commands = pipes.commands else { throw PostgresServerError("the server was removed") }
            try commands.write(contentsOf: Data((command + "\n").utf8))
            return try pipes.answers.read(upToCount: 1)
        }
        guard answer == Data("+".utf8) else { throw PostgresServerError("'\(command)' failed:\n\(endOfLog)") }
    }

    /// Starts the server and waits until it accepts connections.
    func startServer() throws {
        try tell("start")
        let deadline = ContinuousClock.now + PostgresKeeper.startLimit
        let conninfo = "host=\(folder) port=\(port) user=postgres dbname=postgres connect_timeout=2"
        while true {
            do {
                try runSQL("SELECT 1", conninfo: conninfo)
                return
            } catch {
                try tell("check")
                guard ContinuousClock.now < deadline else {
                    throw PostgresServerError("it did not start: \(error)\n\(endOfLog)")
                }
                usleep(10_000)
            }
        }
    }

    private var endOfLog: String {
        String(((try? String(contentsOfFile: folder + "/log", encoding: .utf8)) ?? "no log").suffix(2_000))
    }

    /// Closes the pipe and waits for the shell.
    func end() {
        let shell: pid_t? = pipes.withLock { pipes in
            guard let commands = pipes.commands else { return nil }
            pipes.commands = nil
            try? commands.close()
            return pipes.shell
        }
        guard let shell else { return }
        var status: Int32 = 0
        while waitpid(shell, &status, 0) < 0 && errno == EINTR {}
    }

    /// Arguments: folder, binaries, user to run as (may be empty), and the server's options. The shell ignores what a
    /// terminal sends to everyone, to be there for the clean-up. It answers each command with `+` or `-`.
    private static let script = """
        trap '' INT HUP QUIT TERM PIPE
        folder=$1 binaries=$2 user=$3 pid=
        shift 3
        as() {
            if [ -z "$user" ]; then exec "$@"; fi
            exec setpriv --reuid="$user" --regid="$user" --clear-groups -- "$@"
        }
        init() {
            if [ -n "$user" ]; then chown "$user" "$folder" || return; fi
            (as "$binaries/initdb" --auth=trust --username=postgres --encoding=UTF8 --locale=C --no-sync \
                --pgdata="$folder/data") </dev/null 3>&-
        }
        start() {
            [ -z "$pid" ] || return 0
            as "$binaries/postgres" -D "$folder/data" "$@" </dev/null 3>&- &
            pid=$!
        }
        check() { ! grep -q '^State:.Z' "/proc/$pid/status" || { wait "$pid"; pid=; false; }; }
        stop() { [ -z "$pid" ] || { kill -"$1" "$pid"; wait "$pid"; pid=; }; }
        exec >>"$folder/log" 2>&1
        while read -r command; do
            case $command in
            fast) stop INT ;;
            immediate) stop QUIT ;;
            *) "$command" "$@" ;;
            esac && printf + >&3 || printf - >&3
        done
        stop QUIT
        rm -rf "$folder"
        """

    private static func startShell(_ arguments: [String]) throws -> Pipes {
        let commands = try makePipe()
        let answers = try makePipe()
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, commands.read, 0)
        posix_spawn_file_actions_adddup2(&actions, answers.write, 3)
        // Whoever waits for the end of this process's output must not wait for the shell.
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        // In a process group of its own, which what ends the tests' group does not end.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
        var shell = pid_t()
        let code = withCStrings(["/bin/sh", "-c", script, "sh"] + arguments) {
            posix_spawn(&shell, "/bin/sh", &actions, &attributes, $0, environ)
        }
        close(commands.read)
        close(answers.write)
        guard code == 0 else { throw PostgresServerError("cannot start /bin/sh: \(String(cString: strerror(code)))") }
        return Pipes(
            shell: shell, commands: FileHandle(fileDescriptor: commands.write, closeOnDealloc: false),
            answers: FileHandle(fileDescriptor: answers.read, closeOnDealloc: true))
    }
}
