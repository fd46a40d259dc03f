import Foundation

struct BenchmarkError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// Runs a shell command and returns what it printed.
@discardableResult
func shell(_ command: String, in folder: String? = nil) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-e", "-c", command]
    if let folder { process.currentDirectoryURL = URL(fileURLWithPath: folder) }
    let output = Pipe()
    process.standardOutput = output
    process.standardInput = FileHandle.nullDevice
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw BenchmarkError("'\(command)' failed") }
    return String(decoding: data, as: UTF8.self)
}

func hasProgram(_ name: String) -> Bool { (try? shell("command -v \(name)")) != nil }

/// A folder that is removed when the run ends.
func makeTemporaryFolder() throws -> String {
    try shell("mktemp -d /tmp/mini-ci-bench.XXXXXX").trimmingCharacters(in: .whitespacesAndNewlines)
}

/// A tiny real repository with one commit on `main`.
func makeRepository(in folder: String) throws -> String {
    let path = folder + "/repository"
    try shell(
        """
        git init -q -b main \(path)
        cd \(path)
        printf 'hello\\n' > README
        mkdir src && for n in 1 2 3 4 5 6 7 8; do echo "file $n" > src/$n.txt; done
        git add . && git -c user.name=bench -c user.email=bench@localhost commit -q -m 'A tiny repository'
        """)
    return path
}

func freePort() throws -> Int {
    let text = try shell(
        "python3 -c 'import socket; s = socket.socket(); s.bind((\"127.0.0.1\", 0)); print(s.getsockname()[1])'")
    guard let port = Int(text.trimmingCharacters(in: .whitespacesAndNewlines)) else {
        throw BenchmarkError("no free port")
    }
    return port
}
