import BuildDomain
import Glibc
import Orchestration

/// A workspace's `.git`, written by hand: it borrows all objects from another repository, so that one `git reset
/// --hard` is the only process of a checkout. `git init`, `git remote add` and `git clone --shared` together would
/// cost more than it.
struct WorkspaceRepository {
    let workspace: String
    /// Absolute path of the `objects` folder to borrow from.
    let objects: String
    /// The `shallow` file of that repository, where its history is cut off.
    var shallow: [UInt8]?
    let origin: String

    private var folder: String { workspace + "/.git" }

    /// - Parameters:
    ///   - object: a commit, or a tag that points to one.
    ///   - ref: the full name it was asked for by, where there was one: a branch appears as `origin/…`.
    func write(object: String, ref: String?, refs: RefStore) throws(CheckoutError) {
        for path in ["", "/objects", "/objects/info", "/refs"] { try Files.makeFolder(folder + path) }
        try Files.write(objects + "\n", to: folder + "/objects/info/alternates")
        try Files.write(configuration(isSHA256: object.utf8.count == 64), to: folder + "/config")
        try Files.write(object + "\n", to: folder + "/HEAD")
        try Files.write(packedRefs(object: object, ref: ref, refs: refs), to: folder + "/packed-refs")
        if let shallow { try Files.write(shallow, to: folder + "/shallow") }
    }

    /// Fills the workspace. What the log says is git's "HEAD is now at 1234567 Subject".
    /// - Returns: the commit, or git's answer when it could not.
    func checkOut(_ object: String, with git: GitTool) async throws(CheckoutError) -> Result<CommitSHA, Unsuccessful> {
        // An explicit --git-dir spares git the search, and the question of who owns the folder.
        let answer = try await git.run(
            ["--git-dir=.git", "--work-tree=.", "reset", "--hard", "--no-recurse-submodules", object, "--"],
            in: workspace)
        guard answer.isSuccess else { return .failure(Unsuccessful(answer: answer)) }
        unlink(folder + "/ORIG_HEAD")
        guard let commit = Files.readLine(folder + "/HEAD").flatMap({ CommitSHA($0) }) else {
            throw CheckoutError("git left no commit in \(folder)/HEAD")
        }
        git.say(String(decoding: answer.standardOutput.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self))
        return .success(commit)
    }

    struct Unsuccessful: Error {
        let answer: GitTool.Answer
    }

    private func configuration(isSHA256: Bool) -> String {
        let quoted = withoutCredentials(origin).replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        return """
            [core]
            \trepositoryformatversion = \(isSHA256 ? 1 : 0)
            \tfilemode = true
            \tbare = false
            \(isSHA256 ? "[extensions]\n\tobjectformat = sha256\n" : "")[remote "origin"]
            \turl = "\(quoted)"
            \tfetch = +refs/heads/*:refs/remotes/origin/*

            """
    }

    /// Copied and not linked, so that a build that changes its refs changes nobody else's.
    private func packedRefs(object: String, ref: String?, refs: RefStore) -> [UInt8] {
        var text = [UInt8]("# pack-refs with: sorted \n".utf8)
        var tags: [String: String] = [:]
        if let ref, ref.hasPrefix("refs/heads/") {
            text += "\(object) refs/remotes/origin/\(ref.dropFirst("refs/heads/".count))\n".utf8
        } else if let ref, ref.hasPrefix("refs/tags/") {
            tags[ref] = object
        }
        return text + refs.packedLines(under: "refs/tags/", replacing: tags)
    }
}
