import APIClient
import APISchema
import BuildDomain
import Foundation
import Orchestration
import ScenarioSupport

/// Follows a build from its first attempt to its end, over as many connections as that takes.
struct Follower: Sendable {
    let user: User
    let build: BuildID

    private var house: House { user.house }
    private var number: Int { user.plan.number }

    /// Each connection is cut after some seconds at most, so that every follower has to go on from where it was.
    func followWithCurl() async {
        var last: String?
        var turn = number
        while !Task.isCancelled {
            let address = house.addresses[turn % house.addresses.count]
            turn += 1
            guard let stream = try? await connect(to: address, after: last) else { continue }
            let lines = stream.lines.compactMap(seen)
            let hasEnded = stream.events.last?.name == "end"
            last = stream.lines.last?.id ?? last
            house.recorder.record(.followed(follower: number, build: build, lines: lines, hasEnded: hasEnded))
            if hasEnded { return }
            try? await Task.sleep(for: .milliseconds(200))
        }
    }

    private func connect(to address: String, after last: String?) async throws -> EventStream {
        let position = last.map { ["-H", "Last-Event-ID: \($0)"] } ?? []
        let ended = try await house.scene.run(
            "/usr/bin/curl",
            ["-sN", "--noproxy", "*", "--max-time", "\(3 + number % 8)", "-H", "Authorization: Bearer \(house.token)"]
                + position + ["\(address)/api/v1/builds/\(build)/logs/stream?from_attempt=first"])
        return EventStream(ended.text)
    }

    private func seen(_ event: EventStream.Event) -> SeenLine? {
        guard let position = LogPosition(eventID: event.id),
            let line = try? JSONDecoder().decode(LineView.self, from: Data(event.data.utf8))
        else {
            house.recorder.record(.refused(what: "following \(build)", why: "it sent the line \(event)"))
            return nil
        }
        return SeenLine(attempt: position.attempt, number: position.line, text: line.text)
    }

    func followWithOurClient() async {
        var lines: [SeenLine] = []
        var hasEnded = false
        do {
            let client = house.clients[number / 10 % house.clients.count]
            for try await news in client.follow(build, from: .first) {
                switch news {
                case .line(let line):
                    guard let attempt = line.attempt else { continue }
                    lines.append(SeenLine(attempt: attempt, number: line.number, text: line.text))
                case .end: hasEnded = true
                case .state, .reconnecting: continue
                }
            }
        } catch is CancellationError {
            // The run is over; that it has not seen the end is in the history.
        } catch {
            house.recorder.record(.refused(what: "following \(build)", why: "\(error)"))
        }
        house.recorder.record(.followed(follower: number, build: build, lines: lines, hasEnded: hasEnded))
    }
}
