/// Numbers with a unit, as people write them: `90`, `30m`, `64 MiB`. A plain number is in the scale's own unit.
public enum Quantity: Sendable, Hashable {
    case milliseconds, seconds, bytes

    /// - Returns: the number in the scale's unit; `nil` for anything but a whole, non-negative number of it.
    public func parse(_ text: String) -> Int? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let unit = text.dropFirst(digits.count).trimmed
        guard let number = Int(digits), let factor = unit.isEmpty ? 1 : factor(of: unit) else { return nil }
        let (product, overflow) = number.multipliedReportingOverflow(by: factor)
        return overflow ? nil : product
    }

    var unit: String {
        switch self {
        case .milliseconds: "milliseconds"
        case .seconds: "seconds"
        case .bytes: "bytes"
        }
    }

    var example: String {
        switch self {
        case .milliseconds: "500ms or 20s"
        case .seconds: "90s, 30m or 2h"
        case .bytes: "64KiB or 64MiB"
        }
    }

    private func factor(of unit: Substring) -> Int? {
        switch (self, unit) {
        case (.milliseconds, "ms"), (.seconds, "s"), (.bytes, "B"): 1
        case (.milliseconds, "s"): 1000
        case (.milliseconds, "m"): 60_000
        case (.milliseconds, "h"): 3_600_000
        case (.seconds, "m"): 60
        case (.seconds, "h"): 3600
        case (.seconds, "d"): 86_400
        case (.bytes, "KiB"): 1024
        case (.bytes, "MiB"): 1024 * 1024
        case (.bytes, "GiB"): 1024 * 1024 * 1024
        default: nil
        }
    }
}
