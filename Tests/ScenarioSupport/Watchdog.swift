import Foundation

/// A shell that outlives the tests by a moment: however they end, it ends what they left running and removes their
/// files.
package enum Watchdog {
    /// Stands in the environment of every program that the scenarios start.
    package static let mark = UUID().uuidString
    package static let variable = "SCENARIO_MARK"
    /// Where all scenarios have their folders.
    package static let folder = NSTemporaryDirectory() + "mini-ci-scenarios-" + mark

    /// Starts it once.
    package static func wake() throws { _ = try started.get() }

    /// The end of a pipe that this process closes with its own end.
    private static let started = Result { () throws -> Int32 in
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw ScenarioError("no pipe: \(String(cString: strerror(errno)))") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let arguments = ["/bin/sh", "-c", script, "watchdog", "\(variable)=\(mark)", folder]
        _ = try Spawn(arguments: arguments, environment: ["PATH": "/usr/bin:/bin"], folder: "/", input: ends[0])()
        close(ends[0])
        return ends[1]
    }

    private static let script = """
        trap '' INT HUP QUIT TERM
        cat >/dev/null
        for process in /proc/[0-9]*; do
            if grep -qzxF "$1" "$process/environ" 2>/dev/null; then kill -KILL "${process#/proc/}"; fi
        done
        while read -r _ path _; do
            case $path in "$2"/*) umount -l "$path" ;; esac
        done </proc/mounts
        rm -rf "$2"
        """
}
