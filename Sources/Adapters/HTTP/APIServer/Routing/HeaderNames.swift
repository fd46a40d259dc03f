import APISchema
import HTTPTypes

/// Header names that the HTTP types do not know.
extension HTTPField.Name {
    static let requestID = constant("X-Request-Id")
    static let idempotencyKey = constant(APIMedia.idempotencyKey)
    static let lastEventID = constant(APIMedia.lastEventID)
    static let accelBuffering = constant("X-Accel-Buffering")
    static let forwarded = constant("Forwarded")
    static let xForwardedFor = constant("X-Forwarded-For")

    private static func constant(_ text: String) -> HTTPField.Name {
        guard let name = HTTPField.Name(text) else { preconditionFailure("'\(text)' is no name of a header") }
        return name
    }
}
