import Foundation

/// Measures floors and ours in one run and prints a table and JSON lines. Arguments name the parts to run; none means
/// all.
@main
struct Bench {
    static let parts: [(name: String, run: @Sendable (String) async throws -> [Figure])] = [
        ("startup", Startup.run),
        ("pickup", PickUp.run),
        ("throughput", Throughput.run),
        ("reads", Reads.run),
        ("log", LogSpeed.run),
        ("followers", Followers.run),
        ("burndown", BurnDown.run),
    ]

    static func main() async throws {
        let arguments = Array(CommandLine.arguments.dropFirst())
        if arguments.first == "bare-route" { return try await BareRoute.serve(port: Int(arguments[1]) ?? 0) }
        let unknown = arguments.filter { name in !parts.contains { $0.name == name } }
        guard unknown.isEmpty else {
            throw BenchmarkError(
                "unknown: \(unknown.joined(separator: " ")); known: \(parts.map(\.name).joined(separator: " "))")
        }
        var figures: [Figure] = []
        for part in parts where arguments.isEmpty || arguments.contains(part.name) {
            FileHandle.standardError.write(Data("measuring \(part.name) …\n".utf8))
            let folder = try makeTemporaryFolder()
            do { figures += try await part.run(folder) } catch {
                FileHandle.standardError.write(Data("\(part.name) failed: \(error)\n".utf8))
                figures.append(
                    Figure(
                        name: part.name, unit: "", ours: .nan, floor: nil, floorName: nil, goal: "to run", isMet: false)
                )
            }
            try shell("rm -rf \(folder)")
        }
        print(Report.table(figures))
        print()
        print(try Report.jsonLines(figures.filter { !$0.ours.isNaN }))
        if figures.contains(where: { !$0.isMet }) { exit(1) }
    }
}
