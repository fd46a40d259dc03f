import Foundation

/// One measured figure beside the floor it is compared with, both taken in the same run.
struct Figure: Codable {
    var name: String
    var unit: String
    var ours: Double
    /// What the machine can do without us, in the same unit; `nil` where there is nothing to compare with.
    var floor: Double?
    var floorName: String?
    /// What we want.
    var goal: String
    var isMet: Bool

    var ratio: Double? { floor.map { ours / $0 } }
}

enum Report {
    static func table(_ figures: [Figure]) -> String {
        let rows = [["figure", "ours", "unit", "floor", "ratio", "goal", "met"]] + figures.map(row)
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            zip(row, widths).map { $0.padding(toLength: $1, withPad: " ", startingAt: 0) }.joined(separator: "  ")
        }.joined(separator: "\n")
    }

    static func jsonLines(_ figures: [Figure]) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try figures.map { String(decoding: try encoder.encode($0), as: UTF8.self) }.joined(separator: "\n")
    }

    private static func row(_ figure: Figure) -> [String] {
        let floor = figure.floor.map { "\(number($0)) (\(figure.floorName ?? "floor"))" } ?? "-"
        return [
            figure.name, number(figure.ours), figure.unit, floor, figure.ratio.map(number) ?? "-", figure.goal,
            figure.isMet ? "yes" : "NO",
        ]
    }

    private static func number(_ value: Double) -> String {
        String(format: value >= 100 ? "%.0f" : value >= 10 ? "%.1f" : "%.2f", value)
    }
}

func median(_ values: [Double]) -> Double { percentile(values, 0.5) }

func percentile(_ values: [Double], _ part: Double) -> Double {
    let sorted = values.sorted()
    guard !sorted.isEmpty else { return .nan }
    return sorted[min(sorted.count - 1, Int(Double(sorted.count) * part))]
}

/// Seconds that `body` took.
func seconds(_ body: () async throws -> Void) async rethrows -> Double {
    let clock = ContinuousClock()
    let start = clock.now
    try await body()
    let taken = start.duration(to: clock.now)
    return Double(taken.components.seconds) + Double(taken.components.attoseconds) / 1e18
}
