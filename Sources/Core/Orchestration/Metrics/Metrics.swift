import Synchronization

/// A counter by name, with the labels it is split by.
public struct Counter: Sendable, Hashable {
    public let name: String
    public let help: String
}

extension Counter {
    public static let buildsSubmitted = Counter(
        name: "mini_ci_builds_submitted_total", help: "Builds accepted by this process.")
    public static let attemptsStarted = Counter(
        name: "mini_ci_attempts_started_total", help: "Attempts handed to workers by this process.")
    public static let attemptsEnded = Counter(
        name: "mini_ci_attempts_ended_total", help: "Attempts ended, by outcome and reason.")
    public static let logBytes = Counter(
        name: "mini_ci_log_bytes_total", help: "Bytes of log text stored by this process.")
}

/// A distribution over fixed bounds in seconds.
public struct Histogram: Sendable, Hashable {
    public let name: String
    public let help: String

    /// Upper bounds in seconds.
    static let bounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]
}

extension Histogram {
    public static let claimLatency = Histogram(
        name: "mini_ci_claim_latency_seconds", help: "From a job being claimable to its being claimed.")
    public static let requestDuration = Histogram(
        name: "mini_ci_http_request_duration_seconds", help: "HTTP requests, by method, route and status.")
}

/// Counts what happens in this process and renders it in the Prometheus text format (version 0.0.4).
public final class Metrics: Sendable {
    fileprivate struct Distribution {
        var buckets = [Int](repeating: 0, count: Histogram.bounds.count)
        var count = 0
        var sum = 0.0
    }

    private struct State {
        var counters: [Counter: [[String: String]: Int64]] = [:]
        var histograms: [Histogram: [[String: String]: Distribution]] = [:]
    }

    private let state = Mutex(State())

    public init() {}

    public func add(_ amount: Int64, to counter: Counter, labels: [String: String] = [:]) {
        state.withLock { $0.counters[counter, default: [:]][labels, default: 0] += amount }
    }

    public func observe(_ duration: Duration, in histogram: Histogram, labels: [String: String] = [:]) {
        let seconds = Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
        state.withLock { state in
            state.histograms[histogram, default: [:]][labels, default: Distribution()].add(seconds)
        }
    }

    /// All counters and histograms of this process.
    public func render(into page: inout MetricsPage) {
        let (counters, histograms) = state.withLock { ($0.counters, $0.histograms) }
        for (counter, values) in counters.sorted(by: { $0.key.name < $1.key.name }) {
            page.begin(counter.name, type: "counter", help: counter.help)
            for (labels, value) in values { page.add(counter.name, labels: labels, value: Double(value)) }
        }
        for (histogram, values) in histograms.sorted(by: { $0.key.name < $1.key.name }) {
            page.begin(histogram.name, type: "histogram", help: histogram.help)
            for (labels, distribution) in values { distribution.render(histogram.name, labels, into: &page) }
        }
    }
}

extension Metrics.Distribution {
    fileprivate mutating func add(_ seconds: Double) {
        if let index = Histogram.bounds.firstIndex(where: { seconds <= $0 }) { buckets[index] += 1 }
        count += 1
        sum += seconds
    }

    fileprivate func render(_ name: String, _ labels: [String: String], into page: inout MetricsPage) {
        var running = 0
        for (bound, bucket) in zip(Histogram.bounds, buckets) {
            running += bucket
            page.add(name + "_bucket", labels: labels.merging(["le": "\(bound)"]) { $1 }, value: Double(running))
        }
        page.add(name + "_bucket", labels: labels.merging(["le": "+Inf"]) { $1 }, value: Double(count))
        page.add(name + "_sum", labels: labels, value: sum)
        page.add(name + "_count", labels: labels, value: Double(count))
    }
}

/// A page in the Prometheus text format.
public struct MetricsPage: Sendable {
    public private(set) var text = ""

    public init() {}

    public mutating func begin(_ name: String, type: String, help: String) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
    }

    public mutating func add(_ name: String, labels: [String: String] = [:], value: Double) {
        let pairs = labels.sorted { $0.key < $1.key }.map { "\($0.key)=\"\(Self.escape($0.value))\"" }
        let number = value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : String(value)
        text += name + (pairs.isEmpty ? "" : "{\(pairs.joined(separator: ","))}") + " \(number)\n"
    }

    /// Scalar by scalar: as characters, a quote with a combining mark or a line feed behind a carriage return would
    /// pass for something else and break out of the value.
    private static func escape(_ value: String) -> String {
        var escaped = String.UnicodeScalarView()
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\\": escaped.append(contentsOf: "\\\\".unicodeScalars)
            case "\"": escaped.append(contentsOf: "\\\"".unicodeScalars)
            case "\n": escaped.append(contentsOf: "\\n".unicodeScalars)
            default: escaped.append(scalar)
            }
        }
        return String(escaped)
    }
}
