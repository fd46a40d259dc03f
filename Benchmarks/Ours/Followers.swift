import APIClient
import APISchema
import AsyncHTTPClient
import BuildDomain
import Foundation
import NIOCore
import NIOHTTP1

/// Many followers of one job: every one gets every line, soon.
enum Followers {
    static let followers = 500
    static let rate = 100
    static let duration = 20

    static func run(_ folder: String) async throws -> [Figure] {
        guard hasProgram("perl") else { throw BenchmarkError("perl is needed to print lines with times") }
        let repository = try makeRepository(in: folder)
        let up = try await UpProcess(folder: folder)
        _ = try await up.end(of: try await up.submit(repository, "true").id)
        let total = rate * duration
        let script = """
            sleep 3; exec perl -MTime::HiRes=time,sleep -e '$| = 1; my $start = time; for my $n (1..\(total)) { \
            printf "n=%d t=%.6f.\\n", $n, time; my $left = $start + $n / \(rate) - time; sleep $left if $left > 0 }'
            """
        let build = try await up.submit(repository, script)
        let results = try await followAll(build.id, up, total: total)
        _ = try await up.end(of: build.id)
        await up.stop()
        let complete = results.count { $0.lines == total }
        let late = percentile(results.flatMap(\.delays), 0.99)
        return [
            Figure(
                name: "\(followers) followers, \(rate) lines/s: got every line", unit: "followers",
                ours: Double(complete),
                floor: nil, floorName: nil, goal: "= \(followers)", isMet: complete == followers),
            Figure(
                name: "\(followers) followers: line at a follower, p99", unit: "ms", ours: late, floor: nil,
                floorName: nil,
                goal: "<= 250", isMet: late <= 250),
        ]
    }

    struct Result {
        var lines = 0
        /// Milliseconds from print to arrival.
        var delays: [Double] = []
    }

    private static func followAll(_ id: BuildID, _ up: UpProcess, total: Int) async throws -> [Result] {
        var configuration = HTTPClient.Configuration()
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = followers
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        let (url, token) = (up.url, up.token)
        let results = try await withThrowingTaskGroup(of: Result.self) { group in
            for _ in 0..<followers {
                group.addTask {
                    var request = HTTPClientRequest(url: "\(url)/api/v1/builds/\(id)/logs/stream")
                    request.headers.add(name: "Authorization", value: "Bearer \(token)")
                    return try await follow(try await client.execute(request, timeout: .seconds(120)))
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        try await client.shutdown()
        return results
    }

    /// Reads the stream as bytes and looks for the printed `n=… t=….` alone, so that the measuring costs little.
    private static func follow(_ response: HTTPClientResponse) async throws -> Result {
        var result = Result()
        var rest: [UInt8] = []
        for try await buffer in response.body {
            let now = Date().timeIntervalSince1970
            rest.append(contentsOf: buffer.readableBytesView)
            guard let end = rest.lastIndex(of: UInt8(ascii: "\n")) else { continue }
            for line in rest[..<end].split(separator: UInt8(ascii: "\n")) where line.starts(with: dataPrefix) {
                guard let printed = time(in: line) else { continue }
                result.lines += 1
                result.delays.append((now - printed) * 1000)
            }
            rest.removeFirst(end + 1)
        }
        return result
    }

    private static let dataPrefix = Array("data:".utf8)

    private static func time(in line: ArraySlice<UInt8>) -> Double? {
        guard let number = line.firstRange(of: Array("n=".utf8)),
            let start = line[number.upperBound...].firstRange(of: Array(" t=".utf8)),
            let end = line[start.upperBound...].firstIndex(of: UInt8(ascii: "\""))
        else { return nil }
        return Double(String(decoding: line[start.upperBound..<(end - 1)], as: UTF8.self))
    }
}
