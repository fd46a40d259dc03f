import APISchema
import BuildDomain
import Foundation
import Testing

@testable import mini_ci

@Suite struct BuildSheetTests {
    private func lines(finished: String) throws -> [String] {
        let id = "01993b5e-0a52-7c61-9a64-0d6f5b7d2c11"
        let begin = "2026-01-31T09:05:00.000Z"
        let long = String(repeating: "x", count: 39) + "yz"
        let text = """
            {"id":"\(id)","repo_url":"/r","ref":"main","priority":0,"status":"running","attempts":1,
             "created_at":"\(begin)","updated_at":"\(begin)","jobs":[{"id":"\(id)","name":"main","status":"running",
             "needs":[],"labels":[],"env":{},"timeout_s":60,"max_attempts":2,"attempts":[{"id":"\(id)","number":1,
             "status":"running","worker":"w","started_at":"\(begin)"\(finished),
             "steps":[{"name":"checkout","started_at":"\(begin)","finished_at":"2026-01-31T09:05:01.000Z",
             "outcome":"success"},{"name":"\(long)","started_at":"\(begin)"},{"name":"last"}]}]}]}
            """
        let view = try JSONDecoder().decode(BuildView.self, from: Data(text.utf8))
        return BuildSheet.lines(of: view, colored: false).suffix(3).map { $0.trimmingCharacters(in: .whitespaces) }
    }

    @Test func stepsOfAnAttemptThatWasLostDidNotEnd() throws {
        let lines = try lines(finished: ",\"finished_at\":\"2026-01-31T09:05:09.500Z\"")
        let name = String(repeating: "x", count: 39) + "…"
        #expect(lines[0].hasSuffix("success, 1.00 s"))
        #expect(lines[1] == "2 \(name)  did not end, 9.50 s")
        #expect(lines[2].hasSuffix("did not start"))
    }

    @Test func stepsOfAnAttemptThatGoesOnDoSo() throws {
        let lines = try lines(finished: "")
        #expect(lines[1].contains("…  running, "))
        #expect(lines[2].hasSuffix("waiting"))
    }
}
