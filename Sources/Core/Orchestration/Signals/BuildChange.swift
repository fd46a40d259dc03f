import BuildDomain

/// What an operation changed, row by row: every store writes exactly this.
public struct BuildChange: Sendable {
    public let build: Build
    /// The build's own row differs.
    public let buildChanged: Bool
    public let changedJobs: [Job]
    public let newAttempts: [(job: JobID, attempt: Attempt)]
    public let changedAttempts: [Attempt]
    public let events: [RecordedEvent]

    /// - Parameter before: the build as it was loaded; `nil` for a new one.
    public init(from before: Build?, to after: Build) {
        build = after.withoutRecorded
        events = after.recorded
        guard let before else {
            buildChanged = true
            changedJobs = after.jobs
            newAttempts = []
            changedAttempts = []
            return
        }
        let known = Dictionary(uniqueKeysWithValues: before.jobs.map { ($0.id, $0) })
        var jobs: [Job] = []
        var new: [(job: JobID, attempt: Attempt)] = []
        var changed: [Attempt] = []
        for job in after.jobs {
            guard let old = known[job.id], old != job else { continue }
            jobs.append(job)
            for (index, attempt) in job.attempts.enumerated() {
                if index >= old.attempts.count {
                    new.append((job.id, attempt))
                } else if old.attempts[index] != attempt {
                    changed.append(attempt)
                }
            }
        }
        buildChanged = !after.recorded.isEmpty
        changedJobs = jobs
        newAttempts = new
        changedAttempts = changed
    }

    public var isEmpty: Bool { events.isEmpty }

    /// Who must look again once the change is committed.
    public var topics: [Topic] {
        guard !isEmpty else { return [] }
        var topics: [Topic] = [.build(build.id)]
        if changedJobs.contains(where: { $0.status == .pending }) { topics.append(.claimable) }
        if events.contains(where: { $0.event == .cancelRequested }) { topics.append(.cancelRequests) }
        return topics
    }
}
