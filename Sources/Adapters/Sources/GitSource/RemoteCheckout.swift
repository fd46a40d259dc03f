import BuildDomain
import Orchestration

/// A checkout from another machine by way of a mirror.
struct RemoteCheckout {
    /// What is to be checked out: a commit or a tag's object, and the full name of the ref that led to it.
    private struct Target {
        var object: String
        var name: String?
    }

    let request: CheckoutRequest
    let git: GitTool
    let mirror: Mirror
    let settings: GitSource.Settings

    private var repository: String { request.repository.shown }

    func perform() async throws(CheckoutError) -> CommitSHA {
        let begun = ContinuousClock.now
        let commit = request.commit ?? request.ref.commit
        // A commit that is here already needs neither network nor lock; whether it is, the checkout itself finds out.
        if let commit, mirror.isComplete {
            if case .success(let commit) = try await checkOut(Target(object: commit.description)) { return commit }
        }
        var rebuilt = false
        while true {
            let (target, complaint) = try await fetchTarget(commit, begun: begun)
            var damage = complaint
            if let target {
                switch try await checkOut(target) {
                case .success(let commit): return commit
                case .failure(let failure):
                    guard saysDamaged(failure.answer), !rebuilt else {
                        git.pass(failure.answer)
                        throw checkoutFailure(failure.answer, object: target.object, repository: repository)
                    }
                    damage = failure.answer
                }
            }
            guard let damage else { throw CheckoutError("\(request.ref) of \(repository) could not be resolved") }
            try await rebuild(after: damage, again: rebuilt)
            rebuilt = true
        }
    }

    private func checkOut(
        _ target: Target
    ) async throws(CheckoutError) -> Result<CommitSHA, WorkspaceRepository.Unsuccessful> {
        let workspace = WorkspaceRepository(
            workspace: request.workspace, objects: mirror.path + "/objects",
            shallow: Files.read(mirror.path + "/shallow"), origin: request.repository.description)
        try workspace.write(object: target.object, ref: target.name, refs: mirror.refs)
        return try await workspace.checkOut(target.object, with: git)
    }

    private func rebuild(after answer: GitTool.Answer, again: Bool) async throws(CheckoutError) {
        guard !again else {
            git.pass(answer)
            throw fetchFailure(answer, repository: repository)
        }
        let isOtherFormat = saysOtherFormat(answer)
        if !isOtherFormat {
            git.say("The mirror of \(repository) is damaged and is made anew; git said: \(gitWords(answer))")
        }
        let lock = try await mirror.lock(timeout: settings.lockTimeout, with: git)
        try mirror.create(isSHA256: isOtherFormat)
        // Fetches that were made into the old one count no more: the next is after this moment.
        mirror.fetches.forget(mirror.path)
        _ = consume lock
    }

    /// - Returns: the target, or git's complaint about the mirror.
    private func fetchTarget(
        _ commit: CommitSHA?, begun: ContinuousClock.Instant
    ) async throws(CheckoutError) -> (Target?, GitTool.Answer?) {
        let lock = try await mirror.lock(timeout: settings.lockTimeout, with: git)
        let result: (Target?, GitTool.Answer?)
        if let commit { result = try await fetch(commit) } else { result = try await fetchRef(begun: begun) }
        _ = consume lock
        return result
    }

    /// By its id, which most servers allow; else all branches and tags, one of which should contain it.
    private func fetch(_ commit: CommitSHA) async throws(CheckoutError) -> (Target?, GitTool.Answer?) {
        git.say("Fetching \(commit) from \(repository)")
        let direct = "+\(commit):\(Mirror.localName(of: "commit/\(commit)"))"
        switch try await mirror.fetch([direct], with: git, settings: settings) {
        case .done: return (Target(object: commit.description), nil)
        case .damaged(let answer): return (nil, answer)
        case .notThere: break
        }
        git.say("It is not to be had by its id; fetching all branches and tags")
        let all = ["heads", "tags"].map { "+refs/\($0)/*:refs/mini-ci-all/\($0)/*" }
        if case .damaged(let answer) = try await mirror.fetch(all, prune: true, with: git, settings: settings) {
            return (nil, answer)
        }
        let known = try await git.run(["--git-dir=.", "cat-file", "-e", "\(commit)^{commit}"], in: mirror.path)
        guard known.isSuccess else {
            throw CheckoutError("commit \(commit) was not found in \(repository), in none of its branches and tags")
        }
        return (Target(object: commit.description), nil)
    }

    private func fetchRef(begun: ContinuousClock.Instant) async throws(CheckoutError) -> (Target?, GitTool.Answer?) {
        for name in request.ref.candidates {
            let local = Mirror.localName(of: name)
            let key = mirror.path + "\n" + name
            if !mirror.fetches.hasBegun(key, since: begun) {
                git.say("Fetching \(name) from \(repository)")
                let now = ContinuousClock.now
                switch try await mirror.fetch(["+\(name):\(local)"], with: git, settings: settings) {
                case .done: mirror.fetches.record(key, begun: now)
                case .notThere: continue
                case .damaged(let answer): return (nil, answer)
                }
            }
            guard let object = mirror.refs.object(of: local) else {
                throw CheckoutError("\(name) was fetched from \(repository) and is not in the mirror \(mirror.path)")
            }
            return (Target(object: object, name: name), nil)
        }
        let branches = try await mirror.remoteBranches(with: git, settings: settings)
        throw missingRef(request.ref, in: repository, branches: branches)
    }
}
