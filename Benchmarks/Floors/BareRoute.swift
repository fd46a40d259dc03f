import Hummingbird
import Logging

/// The least a JSON route costs in the web server we use.
enum BareRoute {
    struct Answer: ResponseCodable {
        var status = "ok"
        var number = 42
    }

    static func serve(port: Int) async throws {
        let router = Router()
        router.get("/") { _, _ in Answer() }
        var logger = Logger(label: "bare-route")
        logger.logLevel = .error
        let application = Application(
            router: router, configuration: .init(address: .hostname("127.0.0.1", port: port)), logger: logger)
        try await application.runService()
    }
}
