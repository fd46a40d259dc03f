import BuildDomain

/// Where two pictures of one build differ, field by field, so that a finding names the column.
struct BuildDifferences {
    private struct Place {
        var name: String
        var attempt: AttemptID?
    }

    private(set) var findings: [HistoryFinding] = []

    static func between(expected: Build, found: Build) -> [HistoryFinding] {
        guard expected != found else { return [] }
        var differences = BuildDifferences()
        differences.compareBuilds(expected, found)
        differences.compareJobs(expected.jobs, found.jobs)
        // A field that is new and was forgotten here must not pass.
        if differences.findings.isEmpty {
            differences.compare("rows", of: Place(name: "the build"), "\(expected)", "\(found)")
        }
        return differences.findings
    }

    private mutating func compareBuilds(_ expected: Build, _ found: Build) {
        let place = Place(name: "the build")
        compare("id", of: place, expected.id, found.id)
        compare("repository", of: place, expected.repository, found.repository)
        compare("ref", of: place, expected.ref, found.ref)
        compare("command", of: place, expected.command, found.command)
        compare("priority", of: place, expected.priority, found.priority)
        compare("commit", of: place, expected.commit, found.commit)
        compare("status", of: place, expected.status, found.status)
        compare("reason", of: place, expected.result.reason, found.result.reason)
        compare("exit code", of: place, expected.result.exitCode, found.result.exitCode)
        compare("error", of: place, expected.result.error, found.result.error)
        compare("time of the cancel request", of: place, expected.cancelRequestedAt, found.cancelRequestedAt)
        compare("time of creation", of: place, expected.createdAt, found.createdAt)
        compare("time of the start", of: place, expected.startedAt, found.startedAt)
        compare("time of the end", of: place, expected.finishedAt, found.finishedAt)
        compare("time of the last change", of: place, expected.updatedAt, found.updatedAt)
    }

    private mutating func compareJobs(_ expected: [Job], _ found: [Job]) {
        compare("jobs", of: Place(name: "the build"), expected.map(\.id), found.map(\.id))
        for (expected, found) in zip(expected, found) where expected.id == found.id {
            let place = Place(name: "job \(expected.spec.name)")
            compare("specification", of: place, expected.spec, found.spec)
            compare("status", of: place, expected.status, found.status)
            compare("earliest start", of: place, expected.notBefore, found.notBefore)
            compare("time of waiting", of: place, expected.pendingSince, found.pendingSince)
            compare("time of the start", of: place, expected.startedAt, found.startedAt)
            compare("time of the end", of: place, expected.finishedAt, found.finishedAt)
            compareAttempts(expected.attempts, found.attempts, of: place)
        }
    }

    private mutating func compareAttempts(_ expected: [Attempt], _ found: [Attempt], of job: Place) {
        compare("attempts", of: job, expected.map(\.id), found.map(\.id))
        for (expected, found) in zip(expected, found) where expected.id == found.id {
            let place = Place(name: "attempt \(expected.number)", attempt: expected.id)
            compare("number", of: place, expected.number, found.number)
            compare("worker", of: place, expected.worker, found.worker)
            compare("status", of: place, expected.status, found.status)
            compare("reason", of: place, expected.end?.reason, found.end?.reason)
            compare("exit code", of: place, expected.end?.exitCode, found.end?.exitCode)
            compare("signal", of: place, expected.end?.signal, found.end?.signal)
            compare("error", of: place, expected.end?.error, found.end?.error)
            compare("seal", of: place, expected.end?.seal?.words, found.end?.seal?.words)
            compare("commit", of: place, expected.commit, found.commit)
            compare("time of the start", of: place, expected.startedAt, found.startedAt)
            compare("time of the end", of: place, expected.finishedAt, found.finishedAt)
            compare("steps", of: place, expected.steps.count, found.steps.count)
            for (index, steps) in zip(expected.steps, found.steps).enumerated() {
                compare("step \(index + 1)", of: place, steps.0, steps.1)
            }
        }
    }

    private mutating func compare<Value: Equatable>(
        _ name: String, of place: Place, _ expected: Value?, _ found: Value?
    ) {
        guard expected != found else { return }
        findings.append(
            HistoryFinding(
                .row, "\(name) of \(place.name)", of: place.attempt, expected: Self.words(expected),
                found: Self.words(found)))
    }

    private static func words(_ value: (some Equatable)?) -> String {
        guard let value else { return "nothing" }
        if let ids = value as? [JobID] { return ids.isEmpty ? "none" : ids.map(\.description).joined(separator: ", ") }
        if let ids = value as? [AttemptID] {
            return ids.isEmpty ? "none" : ids.map(\.description).joined(separator: ", ")
        }
        return "\(value)"
    }
}

extension LogSeal {
    /// For people: `12 bytes, 3 lines, SHA-256 e3b0…`, whole.
    var words: String { "\(extent.length) bytes, \(extent.lines) lines, SHA-256 \(sha256)" }
}
