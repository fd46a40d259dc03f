import BuildDomain
import Orchestration

/// A checkout from a repository on this machine, which is read where it is.
///
/// No mirror: what a fetch would copy is at hand, and copying it takes three processes and several milliseconds. The
/// price is that of `git clone --shared`: objects that nothing points to any more and that are pruned during the
/// build are gone for the git of the workspace too; its files stay.
struct LocalCheckout {
    let request: CheckoutRequest
    let git: GitTool

    private var path: String { request.repository.description }

    func perform() async throws(CheckoutError) -> CommitSHA {
        let (common, gitFolder) = try locate()
        let refs = try await refs(common: common, gitFolder: gitFolder)
        var name: String?
        let object: String
        if let commit = request.commit ?? request.ref.commit {
            object = commit.description
            // Named for `origin/…` only where it is true.
            name = request.ref.candidates.first { refs.object(of: $0) == object }
        } else {
            name = request.ref.candidates.first { refs.object(of: $0) != nil }
            guard let found = name.flatMap({ refs.object(of: $0) }) else {
                throw missingRef(request.ref, in: path, branches: refs.branchNames)
            }
            object = found
        }
        git.say("Checking out \(request.ref) of \(path)")
        let workspace = WorkspaceRepository(
            workspace: request.workspace, objects: common + "/objects", shallow: Files.read(common + "/shallow"),
            origin: path)
        try workspace.write(object: object, ref: name, refs: refs)
        switch try await workspace.checkOut(object, with: git) {
        case .success(let commit): return commit
        case .failure(let failure):
            git.pass(failure.answer)
            throw checkoutFailure(failure.answer, object: object, repository: path)
        }
    }

    /// The folder with objects and refs, and that with HEAD, tried in git's order (git-clone(1), "GIT URLS").
    private func locate() throws(CheckoutError) -> (common: String, gitFolder: String) {
        guard Files.isFolder(path) || Files.isFolder(path + ".git") else {
            throw CheckoutError("\(path) does not exist on this worker, or is no folder")
        }
        for candidate in [path + "/.git", path, path + ".git/.git", path + ".git"] {
            let folder = followGitFile(candidate)
            guard Files.read(folder + "/HEAD") != nil else { continue }
            // A linked worktree has its own HEAD and shares the rest.
            let shared = Files.readLine(folder + "/commondir")
            let common = shared.map { $0.hasPrefix("/") ? $0 : folder + "/" + $0 } ?? folder
            guard Files.isFolder(common + "/objects") else { continue }
            return (common, folder)
        }
        throw CheckoutError("\(path) is not a git repository")
    }

    /// `.git` may be a file that says where the folder is (gitrepository-layout(5)).
    private func followGitFile(_ candidate: String) -> String {
        guard let line = Files.readLine(candidate), line.hasPrefix("gitdir: ") else { return candidate }
        let target = String(line.dropFirst("gitdir: ".count))
        return target.hasPrefix("/") ? target : path + "/" + target
    }

    private func refs(common: String, gitFolder: String) async throws(CheckoutError) -> RefStore {
        guard Files.isFolder(common + "/reftable") else { return RefStore(commonFolder: common, gitFolder: gitFolder) }
        return try await RefStore.list(gitFolder: gitFolder, with: git)
    }
}

extension RefStore {
    /// Asks git, for a repository whose refs are not kept in files of their own.
    static func list(gitFolder: String, with git: GitTool) async throws(CheckoutError) -> RefStore {
        let answer = try await git.run(
            ["--git-dir=\(gitFolder)", "for-each-ref", "--format=%(objectname) %(refname)"], in: gitFolder,
            keeping: 64 * 1024 * 1024)
        let head = try await git.run(["--git-dir=\(gitFolder)", "rev-parse", "--verify", "HEAD"], in: gitFolder)
        guard answer.isSuccess else {
            git.pass(answer)
            throw CheckoutError("the refs of \(gitFolder) could not be listed: \(gitWords(answer))")
        }
        var listed = answer.standardOutput
        if head.isSuccess {
            listed += head.standardOutput.prefix { $0 != UInt8(ascii: "\n") } + [UInt8](" HEAD\n".utf8)
        }
        return RefStore(listed: listed, gitFolder: gitFolder)
    }

    var branchNames: [String] { names(under: "refs/heads/").map { String($0.dropFirst("refs/heads/".count)) } }
}
