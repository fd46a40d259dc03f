import APISchema
import BuildDomain

extension Build {
    /// The job that was asked for by name or id; the only or first one where nothing was asked.
    func job(_ wanted: String?) throws(APIFailure) -> Job {
        let found =
            wanted.map { wanted in jobs.first { $0.spec.name == wanted || $0.id == JobID(wanted) } } ?? jobs.first
        guard let found else {
            let names = jobs.map { "'\($0.spec.name)'" }.joined(separator: ", ")
            throw .notFound("Build \(id) has no such job. Its jobs are \(names)")
        }
        return found
    }
}

extension Job {
    /// The attempt that was asked for by number or id; the newest where nothing was asked, `nil` where none has begun.
    func attempt(_ wanted: String?) throws(APIFailure) -> Attempt? {
        guard let wanted else { return attempts.last }
        let found = attempts.first { $0.id == AttemptID(wanted) || String($0.number) == wanted }
        guard let found else {
            throw .notFound(
                attempts.isEmpty
                    ? "Job '\(spec.name)' has had no attempt yet"
                    : "Job '\(spec.name)' has no such attempt. It has had \(attempts.count), counted from 1")
        }
        return found
    }
}
