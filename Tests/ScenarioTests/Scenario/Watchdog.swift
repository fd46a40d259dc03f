import Foundation

/// A shell that outlives the tests by a moment: however they end, it ends what they left running and removes their
/// files.
enum Watchdog {
    /// Stands in the environment of every program that the scenarios start.
    static let mark = UUID().uuidString
    static let variable = "SCENARIO_MARK"
    /// Where all scenarios have their folders.
    static let folder = NSTemporaryDirectory() + "mini-ci-scenarios-" + mark

    /// Starts it once.
    static func wake() throws { _ = try started.get() }

    private static let started = Result { () throws -> FileHandle in
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let (shell, pipe) = (Process(), Pipe())
        shell.executableURL = URL(fileURLWithPath: "/bin/sh")
        shell.arguments = ["-c", script, "watchdog", "\(variable)=\(mark)", folder]
        shell.standardInput = pipe
        shell.standardOutput = FileHandle.nullDevice
        shell.standardError = FileHandle.nullDevice
        // Nobody else may hold the end that this process closes with its own end.
        let end = pipe.fileHandleForWriting
        _ = fcntl(end.fileDescriptor, F_SETFD, FD_CLOEXEC)
        try shell.run()
        return end
    }

    private static let script = """
        trap '' INT HUP QUIT TERM
        cat >/dev/null
        for process in /proc/[0-9]*; do
            if grep -qzxF "$1" "$process/environ" 2>/dev/null; then kill -KILL "${process#/proc/}"; fi
        done
        rm -rf "$2"
        """
}
