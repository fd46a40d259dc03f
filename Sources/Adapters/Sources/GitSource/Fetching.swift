import BuildDomain
import Orchestration

/// What a fetch came to. Not being able to reach the repository at all is an error instead.
enum FetchOutcome: Sendable {
    case done
    /// The repository has no such ref, or does not hand out that commit by its id.
    case notThere
    /// The mirror cannot be used any more.
    case damaged(GitTool.Answer)
}

extension Mirror {
    /// Fetches refspecs into the mirror. Only under the lock.
    func fetch(
        _ refspecs: [String], prune: Bool = false, with git: GitTool, settings: GitSource.Settings
    ) async throws(CheckoutError) -> FetchOutcome {
        if !isComplete {
            if Files.isFolder(path) { git.say("The mirror of \(repository) is incomplete and is made anew") }
            try create()
        }
        var answer = try await runFetch(refspecs, prune: prune, with: git, settings: settings)
        if !answer.isSuccess, answer.standardError.contains(".lock': File exists") {
            git.say("Removing lock files that a killed fetch has left in the mirror of \(repository)")
            removeLeftovers()
            answer = try await runFetch(refspecs, prune: prune, with: git, settings: settings)
        }
        guard !answer.isSuccess else {
            try await tidy(with: git)
            return .done
        }
        if saysNotThere(answer) { return .notThere }
        if saysDamaged(answer) { return .damaged(answer) }
        git.pass(answer)
        throw fetchFailure(answer, repository: repository.description)
    }

    private func runFetch(
        _ refspecs: [String], prune: Bool, with git: GitTool, settings: GitSource.Settings
    ) async throws(CheckoutError) -> GitTool.Answer {
        let options = [
            "--quiet", "--no-write-fetch-head", "--no-auto-maintenance", "--no-recurse-submodules",
            "--no-show-forced-updates", prune ? "--prune" : "--no-prune",
        ]
        // Tags that point into what is fetched come along (git's default), so that `git describe` works.
        let answer = try await git.run(
            ["--git-dir=.", "fetch"] + options + ["--", repository.description] + refspecs, in: path,
            timeout: settings.fetchTimeout)
        guard let answer else {
            throw CheckoutError("could not fetch from \(repository.shown): no end after \(settings.fetchTimeout)")
        }
        return answer
    }

    /// The repository's branches, as far as it tells them, for the message about a ref that is not there.
    func remoteBranches(with git: GitTool, settings: GitSource.Settings) async throws(CheckoutError) -> [String] {
        let answer = try await git.run(
            ["ls-remote", "--quiet", "--heads", "--", repository.description], in: "/", timeout: settings.fetchTimeout)
        guard let answer, answer.isSuccess else { return [] }
        return String(decoding: answer.standardOutput, as: UTF8.self).split(separator: "\n").compactMap { line in
            line.firstRange(of: "\trefs/heads/").map { String(line[$0.upperBound...]) }
        }
    }
}

extension RepositoryURL {
    /// The address for logs and messages, without credentials.
    var shown: String { masked(description) }
}
