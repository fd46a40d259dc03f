import BuildDomain
import Glibc
import HostRunner
import Orchestration
import Synchronization

/// Collects both outputs, and lets a test wait for a piece of text instead of sleeping.
final class Recorder: OutputSink {
    private struct Content {
        var out: [UInt8] = []
        var error: [UInt8] = []
        var waiting: (text: String, continuation: CheckedContinuation<Void, Never>)?
    }
    private let content = Mutex(Content())

    var out: String { content.withLock { String(decoding: $0.out, as: UTF8.self) } }
    var error: String { content.withLock { String(decoding: $0.error, as: UTF8.self) } }

    func write(_ bytes: UnsafeRawBufferPointer, to stream: LogStream) {
        let waiter: CheckedContinuation<Void, Never>? = content.withLock { content in
            if stream == .stdout { content.out += bytes } else { content.error += bytes }
            guard let waiting = content.waiting,
                String(decoding: content.out, as: UTF8.self).contains(waiting.text)
            else { return nil }
            content.waiting = nil
            return waiting.continuation
        }
        waiter?.resume()
    }

    /// Returns once standard output contains `text`.
    func reaches(_ text: String) async {
        await withCheckedContinuation { continuation in
            let isThere = content.withLock { content in
                if String(decoding: content.out, as: UTF8.self).contains(text) { return true }
                content.waiting = (text, continuation)
                return false
            }
            if isThere { continuation.resume() }
        }
    }
}

/// Counts and keeps nothing.
final class Counter: OutputSink {
    private let counts = Mutex((out: 0, error: 0))
    var out: Int { counts.withLock { $0.out } }
    var error: Int { counts.withLock { $0.error } }
    func write(_ bytes: UnsafeRawBufferPointer, to stream: LogStream) {
        counts.withLock { if stream == .stdout { $0.out += bytes.count } else { $0.error += bytes.count } }
    }
}

let attempt = AttemptID(high: 0x0190_0000_0000_7000, low: 0x8000_0000_0000_0001)
let path = ["PATH": "/usr/local/bin:/usr/bin:/bin"]

func shell(_ script: String) -> Command {
    Command(arguments: ["sh", "-c", script], environment: path, directory: "/tmp")
}

/// Whether a process of this number exists that is not just waiting to be reaped.
func isAlive(_ pid: pid_t) -> Bool {
    guard let file = fopen("/proc/\(pid)/stat", "r") else { return false }
    defer { fclose(file) }
    var text = [UInt8](repeating: 0, count: 512)
    let count = fread(&text, 1, text.count, file)
    guard let end = text[..<count].lastIndex(of: UInt8(ascii: ")")), end + 2 < count else { return false }
    return text[end + 2] != UInt8(ascii: "Z") && text[end + 2] != UInt8(ascii: "X")
}

/// The numbers that a script printed, one on each line.
func pids(in text: String) -> [pid_t] {
    text.split(whereSeparator: \.isNewline).compactMap { pid_t($0) }
}

func openDescriptors() -> Int { names(in: "/proc/self/fd").count }

func temporaryFolder() -> String? {
    var template = Array("/tmp/host-runner-test-XXXXXX".utf8CString)
    return mkdtemp(&template).map { String(cString: $0) }
}

func names(in path: String) -> [String] {
    guard let folder = opendir(path) else { return [] }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) {
            $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        if name != ".", name != ".." { names.append(name) }
    }
    return names
}

func removeFolder(_ path: String) {
    if unlink(path) == 0 { return }
    for name in names(in: path) { removeFolder(path + "/" + name) }
    rmdir(path)
}

/// Processes whose working directory is `folder`.
func processes(in folder: String) -> [String] {
    names(in: "/proc").filter { name in
        var target = [CChar](repeating: 0, count: 4096)
        let length = readlink("/proc/\(name)/cwd", &target, target.count)
        guard length > 0 else { return false }
        return String(decoding: target[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self) == folder
    }
}

/// Runs `body` with a fresh execution and closes it.
func withExecution<T>(_ body: (any Execution) async throws -> T) async throws -> T {
    let execution = try await HostRunner().begin(attempt: attempt)
    do {
        let result = try await body(execution)
        await execution.close()
        return result
    } catch {
        await execution.close()
        throw error
    }
}
