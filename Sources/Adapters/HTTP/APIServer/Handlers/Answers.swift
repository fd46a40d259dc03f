import APISchema
import BuildDomain
import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore
import Orchestration

extension Response {
    /// A JSON answer written by hand.
    static func json(
        _ status: HTTPResponse.Status = .ok, headers: HTTPFields = [:], _ write: (inout JSONWriter) -> Void
    ) -> Response {
        var headers = headers
        headers[.contentType] = "application/json"
        return Response(
            status: status, headers: headers, body: ResponseBody(byteBuffer: JSONWriter.buffer(write)))
    }

    static func build(
        _ build: Build, _ status: HTTPResponse.Status = .ok, headers: HTTPFields = [:],
        waiting: [JobID: WaitingVerdict] = [:]
    ) -> Response {
        let view = BuildView(build, waiting: waiting)
        return .json(status, headers: headers) { $0.value(view) }
    }

    static func text(_ text: String, type: String = "text/plain; charset=utf-8") -> Response {
        Response(
            status: .ok, headers: [.contentType: type], body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }

    static let nothing = Response(status: .noContent)
}
