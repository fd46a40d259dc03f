import BuildDomain
import GitSource
import Glibc
import HostRunner
import Orchestration
import Synchronization
import Testing

/// A log that keeps everything, as text.
final class Log: OutputSink {
    private let bytes = Mutex<[UInt8]>([])
    var text: String { bytes.withLock { String(decoding: $0, as: UTF8.self) } }
    func write(_ bytes: UnsafeRawBufferPointer, to stream: LogStream) { self.bytes.withLock { $0 += bytes } }
}

struct ScriptFailed: Error {
    let output: String
}

/// A temporary folder with a repository `origin` (one commit on `main`), removed at the end.
///
/// `git://test/NAME` is, through git's own configuration, the folder `NAME` in here: a remote repository without a
/// network.
final class Scratch: Sendable {
    let folder: String
    let environment: [String: String]
    private let attempt = AttemptID(high: 0x0190_0000_0000_7000, low: 0x8000_0000_0000_0002)

    init() async throws {
        var template = Array("/tmp/git-source-test-XXXXXX".utf8CString)
        let made = mkdtemp(&template).map { String(cString: $0) }
        let folder = try #require(made)
        self.folder = folder
        environment = [
            "PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": folder, "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_ALLOW_PROTOCOL": "file:git:https:ssh",
        ]
        try await sh(
            """
            git config --global user.name Test; git config --global user.email test@example.org
            git config --global init.defaultBranch main; git config --global url."$PWD/".insteadOf git://test/
            git config --global uploadpack.allowAnySHA1InWant true
            git init -q origin; cd origin; echo one > file; mkdir sub; echo two > sub/file; git add .
            git commit -qm 'First subject'
            """)
    }

    deinit { Self.remove(folder) }

    /// Runs a script in the folder. - Returns: its standard output without the last line break.
    @discardableResult
    func sh(_ script: String) async throws -> String {
        let execution = try await HostRunner().begin(attempt: attempt)
        let log = Log()
        let status = try await execution.run(
            Command(arguments: ["sh", "-ec", script], environment: environment, directory: folder), output: log)
        await execution.close()
        guard status.isSuccess else { throw ScriptFailed(output: log.text) }
        return log.text.hasSuffix("\n") ? String(log.text.dropLast()) : log.text
    }

    /// Commits a file to `origin` and returns the commit.
    func commit(_ subject: String, branch: String = "main") async throws -> String {
        try await sh(
            """
            cd origin; git switch -q \(branch) 2>/dev/null || git switch -qc \(branch)
            echo '\(subject)' > file; git commit -qam '\(subject)'; git rev-parse HEAD
            """)
    }

    func source() -> GitSource { GitSource(root: folder + "/state", environment: environment) }

    var mirror: String { folder + "/state/mirrors/git%3A++test+origin.git" }

    func workspace(_ name: String = "workspace") -> String { folder + "/" + name }

    /// Checks out into a new workspace.
    func checkout(
        _ ref: String, of repository: String = "git://test/origin", commit: String? = nil,
        into name: String = "workspace", with source: GitSource? = nil, log: Log = Log()
    ) async throws -> String {
        try await sh("rm -rf '\(name)'; mkdir '\(name)'")
        let request = CheckoutRequest(
            repository: try address(repository), ref: try GitRef(ref), commit: commit.flatMap { CommitSHA($0) },
            workspace: workspace(name))
        let execution = try await HostRunner().begin(attempt: attempt)
        let result: Result<CommitSHA, CheckoutError>
        do throws(CheckoutError) {
            result = .success(try await (source ?? self.source()).checkout(request, in: execution, output: log))
        } catch { result = .failure(error) }
        await execution.close()
        return try result.get().description
    }

    /// As it comes to a worker: the control plane has checked it, and builds that are older than a rule keep theirs.
    private func address(_ text: String) throws -> RepositoryURL {
        text.hasPrefix("https://") ? RepositoryURL(accepted: text) : try RepositoryURL(text, allowLocal: true)
    }

    /// The message a checkout fails with.
    func failure(
        of ref: String, of repository: String = "git://test/origin", commit: String? = nil, log: Log = Log()
    ) async throws -> String {
        do { return "checked out " + (try await checkout(ref, of: repository, commit: commit, log: log)) } catch let
            error as CheckoutError
        { return error.message }
    }

    private static func remove(_ path: String) {
        if unlink(path) == 0 { return }
        if let folder = opendir(path) {
            var names: [String] = []
            while let entry = readdir(folder) {
                let name = withUnsafePointer(to: &entry.pointee.d_name) {
                    $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                }
                if name != ".", name != ".." { names.append(name) }
            }
            closedir(folder)
            for name in names { remove(path + "/" + name) }
        }
        rmdir(path)
    }
}

/// Both ways to a repository: through a mirror, and directly.
enum Way: CaseIterable {
    case remote, local

    func address(in scratch: Scratch, _ name: String = "origin") -> String {
        self == .remote ? "git://test/\(name)" : scratch.folder + "/" + name
    }
}
