import Foundation
import ScenarioSupport
import ScenarioSupport
import Testing

/// What a seed finds can be found again, in another process and at any time.
@Suite struct SimulateTests {
    @Test func theSameSeedDoesTheSameInEveryProcess() async throws {
        let first = try await simulate("--seed", "4711")
        let second = try await simulate("--seed", "4711")
        let other = try await simulate("--seed", "4712")
        #expect(first.status == 0)
        #expect(trace(first.output) != nil)
        #expect(trace(first.output) == trace(second.output))
        #expect(trace(first.output) != trace(other.output))
    }

    @Test func aSeedThatFindsSomethingIsPrintedWithTheCommandThatFindsItAgain() async throws {
        let found = try await simulate("--seeds", "2000", "--plant", "no-retry-cap")
        #expect(found.status == 1)
        let line = try #require(found.output.split(separator: "\n").first { $0.hasPrefix("run it again: ") })
        let words = line.dropFirst("run it again: mini-ci simulate ".count).split(separator: " ").map(String.init)
        let again = try await simulate(words)
        #expect(again.status == 1)
        let violations = [found, again].map { $0.output.split(separator: "\n").filter { $0.hasPrefix("  ") } }
        #expect(violations[0] == violations[1])
        #expect(!violations[0].isEmpty)
    }

    @Test(arguments: [["--faults", "gremlins"], ["--builds", "0"], ["--plant", "nothing"]])
    func nonsenseIsRefused(arguments: [String]) async throws {
        #expect(try await simulate(arguments).status == 2)
    }

    private func trace(_ output: String) -> Substring? {
        output.split(separator: "\n").first { $0.hasPrefix("trace ") }
    }

    private func simulate(_ arguments: String...) async throws -> (status: Int32, output: String) {
        try await simulate(arguments)
    }

    private func simulate(_ arguments: [String]) async throws -> (status: Int32, output: String) {
        let folder = NSTemporaryDirectory() + "mini-ci-simulate-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let program = try Program(
            try Product.miniCI(), ["simulate"] + arguments, environment: [:], files: folder + "/simulate")
        let status = try await program.end(within: .seconds(120))
        return (status, program.outputText)
    }
}
