import BuildDomain
import Glibc
import HostRunner
import Orchestration
import Testing

@testable import GitSource

enum HostRunnerForTests {
    static func begin() async throws -> any Execution {
        try await HostRunner().begin(attempt: AttemptID(high: 0x0190_0000_0000_7000, low: 0x8000_0000_0000_0003))
    }
}

@Suite("What goes wrong")
struct FailureTests {
    @Test(arguments: Way.allCases)
    func namesWhatIsThereInsteadOfAMissingRef(way: Way) async throws {
        let scratch = try await Scratch()
        try await scratch.sh("cd origin; for n in 01 02 03 04 05 06 07 08 09 10 11; do git branch b$n; done")
        let address = way.address(in: scratch)
        let shown = "b01, b02, b03, b04, b05, b06, b07, b08, b09, b10 and 2 more"
        #expect(
            try await scratch.failure(of: "nope", of: address)
                == "ref 'nope' was not found in \(address) (branches there: \(shown))")
        let short = try await scratch.failure(of: "abc1234", of: address)
        #expect(short.hasSuffix("must be given in full, all 40 digits"))
    }

    @Test(arguments: Way.allCases)
    func saysThatACommitIsMissing(way: Way) async throws {
        let scratch = try await Scratch()
        let address = way.address(in: scratch)
        _ = try await scratch.checkout("main", of: address)
        let commit = String(repeating: "0123456789", count: 4)
        let message = try await scratch.failure(of: commit, of: address)
        #expect(message.hasPrefix("commit \(commit) was not found in \(address)"))
        #expect(try await scratch.failure(of: "main", of: address, commit: commit).contains("was not found in"))
    }

    @Test func saysThatALocalRepositoryIsNone() async throws {
        let scratch = try await Scratch()
        #expect(
            try await scratch.failure(of: "main", of: scratch.folder + "/none")
                == "\(scratch.folder)/none does not exist on this worker, or is no folder")
        #expect(
            try await scratch.failure(of: "main", of: scratch.folder) == "\(scratch.folder) is not a git repository")
    }

    @Test func saysThatARemoteIsUnreachable() async throws {
        let scratch = try await Scratch()
        let port = freePort()
        let address = "git://127.0.0.1:\(port)/origin"
        let message = try await scratch.failure(of: "main", of: address)
        #expect(message.hasPrefix("could not reach \(address): unable to connect to 127.0.0.1"))
        #expect(message.contains("Connection refused"))
    }

    @Test func endsAFetchThatTakesTooLong() async throws {
        let scratch = try await Scratch()
        try await scratch.sh("printf '#!/bin/sh\\nexec sleep 600\\n' > slow; chmod +x slow")
        var environment = scratch.environment
        environment["GIT_SSH_COMMAND"] = scratch.folder + "/slow"
        var settings = GitSource.Settings()
        settings.fetchTimeout = .milliseconds(50)
        let source = GitSource(root: scratch.folder + "/state", environment: environment, settings: settings)
        await #expect(throws: CheckoutError("could not fetch from git@host:x: no end after 0.05 seconds")) {
            _ = try await scratch.checkout("main", of: "git@host:x", with: source)
        }
    }

    @Test func fetchesFromADaemon() async throws {
        let scratch = try await Scratch()
        let port = freePort()
        let daemon = try await HostRunnerForTests.begin()
        async let ended = daemon.run(
            Command(
                arguments: [
                    "git", "daemon", "--listen=127.0.0.1", "--port=\(port)", "--base-path=\(scratch.folder)",
                    "--export-all", "--reuseaddr", "--informative-errors",
                ], environment: scratch.environment, directory: scratch.folder), output: Log())
        while !canConnect(port) { await Task.yield() }
        let address = "git://127.0.0.1:\(port)/origin"
        let first = try await scratch.checkout("main", of: address)
        let second = try await scratch.commit("Second")
        #expect(try await scratch.checkout("main", of: address) == second)
        #expect(try await scratch.checkout(first, of: address) == first)
        let message = try await scratch.failure(of: "main", of: "git://127.0.0.1:\(port)/none")
        #expect(message.contains("no such repository"))
        await daemon.close()
        _ = try? await ended
        // What the mirror has is checked out without the network.
        #expect(try await scratch.checkout("main", of: address, commit: second) == second)
        #expect(try await scratch.failure(of: "main", of: address).hasPrefix("could not reach \(address)"))
    }
}

private func withLoopback<T>(_ port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> T) -> T {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    return withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
    }
}

/// A port of the loopback device on which nothing listens.
private func freePort() -> UInt16 {
    let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(socket) }
    _ = withLoopback(0) { bind(socket, $0, $1) }
    var address = sockaddr_in()
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    withUnsafeMutablePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { _ = getsockname(socket, $0, &length) }
    }
    return UInt16(bigEndian: address.sin_port)
}

private func canConnect(_ port: UInt16) -> Bool {
    let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(socket) }
    return withLoopback(port) { connect(socket, $0, $1) } == 0
}
