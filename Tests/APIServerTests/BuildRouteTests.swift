import APISchema
import BuildDomain
import NIOHTTP1
import Orchestration
import Testing

@testable import APIServer

@Suite struct BuildRouteTests {
    @Test func aSubmittedBuildIsThereToBeRead() async throws {
        try await TestServer.run { server in
            let json =
                #"{"repo_url": "/tmp/r", "ref": "main", "command": "make", "env": {"A": "1"}, "labels": ["linux"], "#
                + #""priority": 3, "timeout_s": 60, "max_attempts": 2}"#
            let answer = try await server.call(.POST, APIPath.builds, as: .user, json: json)
            #expect(answer.status == 201)
            let build: BuildView = try answer.decode()
            #expect(answer.headers.first(name: "location") == "\(APIPath.builds)/\(build.id)")
            let job = try #require(build.jobs.first)
            #expect(build.status == .pending && build.priority == 3 && job.env == ["A": "1"] && job.labels == ["linux"])
            #expect(job.timeoutSeconds == 60 && job.maxAttempts == 2)
            let read = try await server.call(.GET, "\(APIPath.builds)/\(build.id)", as: .reader)
            var again: BuildView = try read.decode()
            #expect(again.jobs.first?.waiting?.cause == .noWorker)
            again.jobs[0].waiting = nil
            #expect(again == build)
        }
    }

    @Test(arguments: [
        (#"{"repo_url": "https://a/b", "ref": "m", "command": "c", "comand": 1}"#, "comand", "Did you mean 'command'?"),
        (
            #"{"repo_url": "https://a/b", "ref": "m", "command": "c", "timeout": 1}"#, "timeout",
            "Did you mean 'timeout_s'?"
        ),
        (#"{"repo_url": "https://a/b", "ref": "m", "command": "c", "zzzzz": 1}"#, "zzzzz", "Known are command, env"),
        (#"{"ref": "m", "command": "c"}"#, "repo_url", "is missing"),
        (#"{"repo_url": 7, "ref": "m", "command": "c"}"#, "repo_url", "must be a string, not a number"),
        (#"{"repo_url": "ext::sh -c x", "ref": "m", "command": "c"}"#, "repo_url", "contains"),
        (#"{"repo_url": "--upload-pack=x", "ref": "m", "command": "c"}"#, "repo_url", "option"),
        (#"{"repo_url": "https://a/b", "ref": "-x", "command": "c"}"#, "ref", "option"),
        (#"{"repo_url": "https://a/b", "ref": "m", "command": " "}"#, "command", "is empty"),
        (#"{"repo_url": "https://a/b", "ref": "m", "command": "c", "env": {"A": 1}}"#, "env.A", "must be a string"),
        (#"{"repo_url": "https://a/b", "ref": "m", "command": "c", "env": ["A"]}"#, "env", "must be an object"),
        (#"{"repo_url": "https://a/b", "ref": "m", "command": "c", "env": {"MINI_CI_A": "1"}}"#, "env", "system's"),
        (
            #"{"repo_url": "https://a/b", "ref": "m", "command": "c", "labels": ["a", 1]}"#, "labels[1]",
            "must be a string"
        ),
        (#"{"repo_url": "https://a/b", "ref": "m", "command": "c", "priority": 1.5}"#, "priority", "whole number"),
        (#"{"repo_url": "https://a/b", "ref": "m", "command": "c", "priority": "1"}"#, "priority", "whole number"),
        (#"{"repo_url": "https://a/b", "ref": "m", "command": "c", "timeout_s": 0}"#, "timeout_s", "from 1 to"),
        (#"{"repo_url": "https://a/b", "ref": "m", "command": "c", "timeout_s": true}"#, "timeout_s", "not a boolean"),
        (#"{"repo_url": "https://a/b", "ref": "m", "command": "c", "max_attempts": 1e30}"#, "max_attempts", "64 bits"),
        (#"["a"]"#, "", "must be a JSON object"),
    ])
    func aRefusedFieldIsNamed(json: String, field: String, message: String) async throws {
        try await TestServer.run { server in
            let answer = try await server.call(.POST, APIPath.builds, json: json)
            #expect(answer.status == 400)
            let problem = try answer.problem()
            #expect(problem.type == "/problems/invalid-body")
            #expect(
                problem.errors?.contains { $0.field == field && $0.message.contains(message) } == true, "\(problem)")
            #expect(problem.detail.contains(message))
            let list: Page<BuildView> = try await server.call(.GET, APIPath.builds).decode()
            #expect(list.items.isEmpty)
        }
    }

    @Test func everythingWrongIsNamedAtOnce() async throws {
        try await TestServer.run { server in
            let json = #"{"repo_url": "x", "ref": "", "command": "", "priority": 5000, "labels": ["ä"]}"#
            let problem = try await server.call(.POST, APIPath.builds, json: json).problem()
            #expect(Set(problem.errors?.map(\.field) ?? []) == ["repo_url", "ref", "command", "priority", "labels"])
        }
    }

    @Test func bodiesThatAreNotJSONAreRefused() async throws {
        try await TestServer.run {
            $0.limits.maximumBodyBytes = 1000
        } _: { server in
            for body in ["{", "{\"a\": \"\\ud800\"}", "\u{0}", ""] {
                let answer = try await server.call(.POST, APIPath.builds, json: body)
                #expect(answer.status == 400)
                #expect(try answer.problem().type == "/problems/invalid-json")
            }
            let large = try await server.call(.POST, APIPath.builds, json: String(repeating: " ", count: 1001))
            #expect(large.status == 413)
            _ = try large.problem()
            let form = try await server.call(
                .POST, APIPath.builds, json: TestServer.smallBuild,
                headers: [("Content-Type", "application/x-www-form-urlencoded")])
            #expect(form.status == 415)
            #expect(try form.problem().detail.contains("application/json"))
            let charset = try await server.call(
                .POST, APIPath.builds, json: TestServer.smallBuild,
                headers: [("Content-Type", "Application/JSON; charset=utf-8")])
            #expect(charset.status == 201)
        }
    }

    @Test func aRepeatedKeyReturnsTheFirstBuild() async throws {
        try await TestServer.run { server in
            let key = [(APIMedia.idempotencyKey, "k1")]
            let first = try await server.call(.POST, APIPath.builds, json: TestServer.smallBuild, headers: key)
            let again = try await server.call(.POST, APIPath.builds, json: TestServer.smallBuild, headers: key)
            #expect(first.status == 201 && again.status == 200)
            #expect(try first.decode(BuildView.self) == again.decode(BuildView.self))
            #expect(again.headers.first(name: "location") == first.headers.first(name: "location"))
            let other = try await server.call(
                .POST, APIPath.builds, json: TestServer.smallBuild.replacing("make", with: "other"), headers: key)
            #expect(other.status == 409)
            #expect(try other.problem().type == "/problems/idempotency-key-reused")
            let bad = try await server.call(
                .POST, APIPath.builds, json: TestServer.smallBuild, headers: [(APIMedia.idempotencyKey, "a b")])
            #expect(try bad.problem().errors?.first?.field == "Idempotency-Key")
        }
    }

    @Test func listsAreFilteredAndPaged() async throws {
        try await TestServer.run { server in
            var ids: [BuildID] = []
            for ref in ["a", "b", "a", "a", "c/d+e"] {
                ids.append(try await server.submit(TestServer.smallBuild.replacing("main", with: ref)).id)
            }
            _ = try await server.call(.POST, "\(APIPath.builds)/\(ids[0])/cancel")
            func list(_ query: String) async throws -> Page<BuildView> {
                try await server.call(.GET, APIPath.builds + query, as: .reader).decode()
            }
            #expect(try await list("").items.map(\.id) == ids.reversed())
            #expect(try await list("?ref=a").items.map(\.id) == [ids[3], ids[2], ids[0]])
            #expect(try await list("?status=canceled").items.map(\.id) == [ids[0]])
            #expect(try await list("?ref=c%2Fd%2Be").items.map(\.id) == [ids[4]])
            #expect(try await list("?repo_url=https://example.org/a.git&ref=b").items.map(\.id) == [ids[1]])
            #expect(try await list("?repo_url=nope").items.isEmpty)
            var paged: [BuildID] = []
            var cursor = ""
            repeat {
                let page = try await list("?ref=a&limit=2\(cursor)")
                paged += page.items.map(\.id)
                cursor = page.nextCursor.map { "&cursor=\($0)" } ?? ""
            } while !cursor.isEmpty
            #expect(paged == [ids[3], ids[2], ids[0]])
        }
    }

    @Test(arguments: [
        ("limit=0", "limit"), ("limit=201", "limit"), ("limit=x", "limit"), ("limit=%2B5", "limit"),
        ("status=done", "status"),
        ("cursor=x", "cursor"), ("stauts=failed", "stauts"), ("limit=1&limit=2", "limit"),
    ])
    func aWrongParameterIsNamed(query: String, name: String) async throws {
        try await TestServer.run { server in
            let answer = try await server.call(.GET, "\(APIPath.builds)?\(query)")
            #expect(answer.status == 400)
            let problem = try answer.problem()
            #expect(problem.type == "/problems/invalid-parameter" && problem.errors?.first?.field == name)
        }
    }

    @Test(arguments: ["ref=%zz", "ref=%f", "ref=%", "%ff=1", "ref=%ff", "ref=a%+1"])
    func brokenEscapesAreRefused(query: String) {
        #expect(throws: APIFailure.self) { try Query(query, known: ["ref"]) }
    }

    @Test func cancelingIsAskedForOnceAndRefusedAtTheEnd() async throws {
        try await TestServer.run { server in
            let build = try await server.submit()
            let worker = try await TestWorker(server.services)
            for _ in 0..<2 {
                let answer = try await server.call(.POST, "\(APIPath.builds)/\(build.id)/cancel", as: .user)
                #expect(answer.status == 202)
                let view: BuildView = try answer.decode()
                #expect(view.status == .running && view.cancelRequestedAt != nil)
            }
            try await worker.finish(.canceled, reason: .canceled)
            let late = try await server.call(.POST, "\(APIPath.builds)/\(build.id)/cancel", as: .user)
            #expect(late.status == 409)
            #expect(try late.problem().type == "/problems/already-finished")
        }
    }

    @Test func aStatusIsForcedInDevelopmentOnly() async throws {
        try await TestServer.run { server in
            let build = try await server.submit()
            let answer = try await server.call(
                .PATCH, "\(APIPath.builds)/\(build.id)/status", json: #"{"status": "running"}"#)
            #expect(answer.status == 404)
            _ = try answer.problem()
        }
        try await TestServer.run {
            $0.isDevelopment = true
        } _: { server in
            let build = try await server.submit()
            let path = "\(APIPath.builds)/\(build.id)/status"
            for status in ["running", "success"] {
                let answer = try await server.call(.PATCH, path, json: "{\"status\": \"\(status)\"}")
                #expect(answer.status == 200)
                #expect(try answer.decode(BuildView.self).status.rawValue == status)
            }
            #expect(try await server.call(.PATCH, path, json: #"{"status": "failed"}"#).problem().status == 409)
            #expect(try await server.call(.PATCH, path, json: #"{"status": "x"}"#).problem().status == 400)
        }
    }
}
