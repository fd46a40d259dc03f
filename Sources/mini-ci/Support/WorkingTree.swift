import Foundation

/// The files of a repository as they are now, next to what was committed.
enum WorkingTree {
    /// Whether git knows of files that are not as they were committed; `false` where it cannot be asked.
    static func hasChanges(in folder: String) -> Bool {
        let git = Process()
        git.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        git.arguments = ["git", "--no-optional-locks", "-C", folder, "status", "--porcelain"]
        let output = Pipe()
        git.standardInput = FileHandle.nullDevice
        git.standardOutput = output
        git.standardError = FileHandle.nullDevice
        do { try git.run() } catch { return false }
        let text = output.fileHandleForReading.readDataToEndOfFile()
        git.waitUntilExit()
        return git.terminationStatus == 0 && !text.isEmpty
    }
}
