import BuildDomain
import NIOHTTP1
import Testing
@testable import APIClient

@Suite struct ServerAddressTests {
    @Test(arguments: [
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"), ("http://127.0.0.1:8000/", "http://127.0.0.1:8000"),
        ("HTTPS://ci.example", "https://ci.example"), ("https://ci.example/base//", "https://ci.example/base"),
        ("http://[::1]:8000", "http://[::1]:8000"), ("http://[::1]", "http://[::1]"),
    ])
    func accepted(text: String, expected: String) throws {
        #expect(try ServerAddress(text).description == expected)
    }

    @Test(arguments: [
        "", "localhost:8000", "ftp://x", "http://", "http:///path", "http://host:0", "http://host:70000",
        "http://host:",
        "http://host:1:2", "http://a b", "http://hö", "http://host?x=1", "http://host/#f", "http://[::1", "http://[]:1",
    ])
    func refused(text: String) {
        #expect(throws: InvalidInput.self) { try ServerAddress(text) }
    }

    @Test func aPasswordIsRefusedAndNotRepeated() {
        let error = #expect(throws: InvalidInput.self) { try ServerAddress("http://me:geheim@host") }
        #expect(error?.description.contains("geheim") == false)
    }

    @Test func queryValuesAreEscaped() {
        let call = Call(method: .GET, path: "/x", query: [("ref", "a b&c=ü/~")])
        #expect(call.target == "/x?ref=a%20b%26c%3D%C3%BC%2F~")
    }
}
