import APIClient
import APISchema
import BuildDomain
import Foundation

/// `GET /api/v1/builds/{id}` over 32 connections, beside a route of the same web server that does nothing.
enum Reads {
    static func run(_ folder: String) async throws -> [Figure] {
        guard hasProgram("wrk") else { throw BenchmarkError("wrk is needed: apt-get install wrk") }
        let repository = try makeRepository(in: folder)
        let up = try await UpProcess(folder: folder)
        let build = try await up.end(of: try await up.submit(repository, "true").id)
        let port = try freePort()
        let bare = Process()
        bare.executableURL = URL(fileURLWithPath: CommandLine.arguments[0])
        bare.arguments = ["bare-route", String(port)]
        bare.standardError = FileHandle.nullDevice
        try bare.run()
        try shell(
            "for i in $(seq 100); do curl -sf http://127.0.0.1:\(port)/ > /dev/null && exit 0; sleep 0.1; done; exit 1")
        // In turns, so that a noisy neighbour meets both.
        var ours: [Double] = []
        var floor: [Double] = []
        for _ in 0..<3 {
            floor.append(try rate("http://127.0.0.1:\(port)/", token: nil))
            ours.append(try rate("\(up.url)/api/v1/builds/\(build.id)", token: up.token))
        }
        bare.terminate()
        bare.waitUntilExit()
        await up.stop()
        let (mine, theirs) = (median(ours), median(floor))
        return [
            Figure(
                name: "GET a build, 32 connections", unit: "requests/s", ours: mine, floor: theirs,
                floorName: "bare Hummingbird route", goal: ">= 0.3 of floor", isMet: mine >= 0.3 * theirs)
        ]
    }

    private static func rate(_ url: String, token: String?) throws -> Double {
        let header = token.map { "-H 'Authorization: Bearer \($0)'" } ?? ""
        let text = try shell("wrk -t1 -c32 -d4s \(header) '\(url)'")
        guard !text.contains("Non-2xx"),
            let line = text.split(separator: "\n").first(where: { $0.hasPrefix("Requests/sec:") }),
            let number = Double(line.dropFirst(13).trimmingCharacters(in: .whitespaces))
        else { throw BenchmarkError("wrk says: \(text)") }
        return number
    }
}
