import BuildDomain
import CAPIDescription
import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore
import Orchestration

extension API {
    func health() -> Response { .json { $0.object { $0.member("status", "ok") } } }

    /// Ready means that the store can be written to; a process that only lives is healthy.
    func readiness() async throws -> Response {
        try await storeHealth()
        return .json { $0.object { $0.member("status", "ok") } }
    }

    /// `docs/openapi.yaml`, compiled in.
    func showDescription() -> Response {
        let bytes = UnsafeRawBufferPointer(
            start: mini_ci_api_description(), count: mini_ci_api_description_length())
        return Response(
            status: .ok, headers: [.contentType: "application/yaml"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    func pointer() -> Response {
        .text(
            """
            This is mini-ci, a continuous integration server.

            API          /api/v1 (with a token: Authorization: Bearer TOKEN)
            Description  /openapi.yaml
            Health       /healthz /readyz
            Metrics      /metrics

            On the command line: mini-ci --help

            """)
    }

    func showMetrics() async throws -> Response {
        var page = MetricsPage()
        services.metrics.render(into: &page)
        page.add(gauge: "mini_ci_log_streams", help: "Log streams open now.", value: Double(streams.open))
        page.addProcess(startedAt: startedAt)
        page.add(try await services.readBuilds.statistics())
        return .text(page.text, type: "text/plain; version=0.0.4; charset=utf-8")
    }
}

extension MetricsPage {
    fileprivate mutating func add(gauge name: String, help: String, value: Double) {
        begin(name, type: "gauge", help: help)
        add(name, value: value)
    }

    fileprivate mutating func add(_ statistics: StoreStatistics) {
        begin("mini_ci_builds", type: "gauge", help: "Builds in the store, by status.")
        for status in BuildStatus.allCases {
            add("mini_ci_builds", labels: ["status": status.rawValue], value: Double(statistics.builds[status] ?? 0))
        }
        add(
            gauge: "mini_ci_queue_depth", help: "Jobs that a worker could take now.",
            value: Double(statistics.pendingJobs))
        add(
            gauge: "mini_ci_queue_oldest_age_seconds", help: "How long the oldest of them has been waiting.",
            value: statistics.oldestPendingAge / .seconds(1))
    }

    fileprivate mutating func addProcess(startedAt: ContinuousClock.Instant) {
        let usage = ProcessUsage.now()
        add(
            gauge: "process_resident_memory_bytes", help: "Memory in use by this process.",
            value: Double(usage.residentBytes))
        add(gauge: "process_open_fds", help: "File descriptors open in this process.", value: Double(usage.openFiles))
        add(
            gauge: "mini_ci_uptime_seconds", help: "Since this process began to serve.",
            value: (ContinuousClock.now - startedAt) / .seconds(1))
    }
}
