import BuildDomain

@testable import APIClient

/// What a server sends.
enum Sample {
    static let build = BuildID(high: 0x0199_3B5E_0A52_7C61, low: 0x9A64_0D6F_5B7D_2C11)

    static func lineText(_ number: Int64, of attempt: AttemptID) -> String {
        """
        {"number":\(number),"time":"2026-01-31T09:05:00.250Z","stream":"stdout","step":2,"text":"line \(number)",\
        "attempt":"\(attempt)"}
        """
    }

    static func line(_ number: Int64, of attempt: AttemptID) -> ServerSentEvent {
        ServerSentEvent(id: "\(attempt):\(number)", name: "line", data: Array(lineText(number, of: attempt).utf8))
    }

    static func buildText(_ status: String) -> String {
        """
        {"id":"\(build)","repo_url":"https://example.com/a.git","ref":"main","command":"make","priority":0,\
        "status":"\(status)","attempts":1,"created_at":"2026-01-31T09:05:00.250Z",\
        "updated_at":"2026-01-31T09:05:00.250Z","jobs":[]}
        """
    }

    static func build(_ event: String, _ status: String) -> ServerSentEvent {
        ServerSentEvent(id: "", name: event, data: Array(buildText(status).utf8))
    }

    /// As it goes over the wire.
    static func lineEvent(_ number: Int64, of attempt: AttemptID) -> String {
        "event: line\nid: \(attempt):\(number)\ndata: \(lineText(number, of: attempt))\n\n"
    }

    static func buildEvent(_ event: String, _ status: String) -> String {
        "event: \(event)\ndata: \(buildText(status))\n\n"
    }
}
