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

    /// Creates the data folder and starts the shell, but not yet the server.
    init(fsync: Bool) throws {
        let binaries = try findPostgres()
        folder = try makeFolder()
        port = try freePort()
        let user = try serverUser()
        let settings = [
            "listen_addresses=127.0.0.1", "port=\(port)", "unix_socket_directories=\(folder)", "max_connections=200",
            "fsync=\(fsync ? "on" : "off")", "full_page_writes=\(fsync ? "on" : "off")", "log_min_messages=warning",
            "lc_messages=C", "shared_buffers=64MB",
        ]
        let demote = user.map { ["setpriv", "--reuid=\($0)", "--regid=\($0)", "--clear-groups", "--"] } ?? []
        do {
            if let user { try runTool(["chown", user, folder]) }
            try runTool(
                demote + [
                    binaries + "/initdb", "--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C",
                    "--no-sync", "--pgdata=\(folder)/data",
                ])
        } catch {
            try? FileManager.default.removeItem(atPath: folder)
            throw error
        }
        let command = demote + [binaries + "/postgres", "-D", folder + "/data"] + settings.flatMap { ["-c", $0] }
        pipes = Mutex(try PostgresKeeper.startShell(folder: folder, command: command))
    }

    deinit { end() }

    /// Sends a command to the shell and waits until it was carried out.
    func tell(_ command: String) throws {
        try pipes.withLock { pipes in
            guard let commands = pipes.commands else { throw PostgresServerError("the server was removed") }
            try commands.write(contentsOf: Data((command + "\n").utf8))
            guard try pipes.answers.read(upToCount: 1)?.isEmpty == false else {
                throw PostgresServerError("the shell that keeps the server ended")
            }
        }
    }

    /// Starts the server and waits until it accepts connections.
    func startServer() throws {
        try tell("start")
        let deadline = ContinuousClock.now + PostgresKeeper.startLimit
        let conninfo = "host=\(folder) port=\(port) user=postgres dbname=postgres connect_timeout=2"
        while true {
            do {
                return try runSQL("SELECT 1", conninfo: conninfo)
            } catch {
                try tell("check")
                let log = (try? String(contentsOfFile: folder + "/log", encoding: .utf8)) ?? ""
                let hasEnded = FileManager.default.fileExists(atPath: folder + "/ended")
                guard !hasEnded, ContinuousClock.now < deadline else {
                    throw PostgresServerError("it did not start: \(error)\n\(log.suffix(2_000))")
                }
                usleep(10_000)
            }
        }
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

    /// `$1` is the folder, the rest the server's command line. The shell ignores the signals that a terminal sends to
    /// everyone, to be there for the clean-up.
    private static let script = """
        trap '' INT HUP QUIT TERM
        folder=$1; shift
        pid=
        stop() { [ -z "$pid" ] || { kill -"$1" "$pid"; wait "$pid"; pid=; } 2>/dev/null; }
        while read -r command; do
            case $command in
            start) [ -n "$pid" ] || { rm -f "$folder/ended"; "$@" </dev/null >>"$folder/log" 2>&1 3>&- & pid=$!; } ;;
            check) ! grep -q '^State:.Z' "/proc/$pid/status" || { wait "$pid"; pid=; : >"$folder/ended"; } ;;
            fast) stop INT ;;
            immediate) stop QUIT ;;
            esac
            printf . >&3
        done
        stop QUIT
        rm -rf "$folder"
        """

    private static func startShell(folder: String, command: [String]) throws -> Pipes {
        let commands = try makePipe()
        let answers = try makePipe()
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, commands.read, 0)
        posix_spawn_file_actions_adddup2(&actions, answers.write, 3)
        // Whoever waits for this process's output to end must not wait for the shell.
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        var shell = pid_t()
        let arguments = ["/bin/sh", "-c", script, "sh", folder] + command
        let code = withCStrings(arguments) { posix_spawn(&shell, "/bin/sh", &actions, nil, $0, environ) }
        close(commands.read)
        close(answers.write)
        guard code == 0 else { throw PostgresServerError("cannot start /bin/sh: \(String(cString: strerror(code)))") }
        return Pipes(
            shell: shell, commands: FileHandle(fileDescriptor: commands.write, closeOnDealloc: false),
            answers: FileHandle(fileDescriptor: answers.read, closeOnDealloc: true))
    }
}
