import Orchestration
import Testing

@Suite struct MetricsTests {
    @Test func countersAddUpByTheirLabels() {
        let metrics = Metrics()
        metrics.add(2, to: .attemptsEnded, labels: ["outcome": "failed", "reason": "oom"])
        metrics.add(3, to: .attemptsEnded, labels: ["reason": "oom", "outcome": "failed"])
        metrics.add(1, to: .buildsSubmitted)
        var page = MetricsPage()
        metrics.render(into: &page)
        #expect(
            page.text == """
                # HELP mini_ci_attempts_ended_total Attempts ended, by outcome and reason.
                # TYPE mini_ci_attempts_ended_total counter
                mini_ci_attempts_ended_total{outcome="failed",reason="oom"} 5
                # HELP mini_ci_builds_submitted_total Builds accepted by this process.
                # TYPE mini_ci_builds_submitted_total counter
                mini_ci_builds_submitted_total 1

                """)
    }

    @Test func histogramBucketsAreCumulative() throws {
        let metrics = Metrics()
        for duration in [Duration.milliseconds(1), .milliseconds(30), .seconds(7), .seconds(3600)] {
            metrics.observe(duration, in: .claimLatency)
        }
        var page = MetricsPage()
        metrics.render(into: &page)
        let counts = page.text.split(separator: "\n").filter { $0.contains("_bucket") }
            .compactMap { $0.split(separator: " ").last.flatMap { Int($0) } }
        #expect(counts == [1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 3, 3, 3, 4])
        #expect(page.text.contains("mini_ci_claim_latency_seconds_bucket{le=\"+Inf\"} 4\n"))
        #expect(page.text.contains("mini_ci_claim_latency_seconds_sum 3607.031\n"))
        #expect(page.text.contains("mini_ci_claim_latency_seconds_count 4\n"))
    }

    @Test(arguments: [
        ("a\"b", #"a\"b"#), ("a\\b", #"a\\b"#), ("a\nb", #"a\nb"#), ("a\r\nb", "a\r\\nb"), ("\"\u{301}", "\\\"\u{301}"),
        ("\\\u{301}", "\\\\\u{301}"), ("x\"} 1\nfake 2", #"x\"} 1\nfake 2"#), ("ü", "ü"), ("", ""),
    ])
    func noValueBreaksOutOfItsLabel(value: String, escaped: String) {
        var page = MetricsPage()
        page.add("m", labels: ["l": value], value: 1)
        #expect(Array(page.text.utf8) == Array("m{l=\"\(escaped)\"} 1\n".utf8))
    }

    @Test func numbersAreWrittenShort() {
        var page = MetricsPage()
        for value in [0, -3, 0.25, 1e18, 123_456_789_012] { page.add("m", value: value) }
        #expect(page.text == "m 0\nm -3\nm 0.25\nm 1e+18\nm 123456789012\n")
    }
}
