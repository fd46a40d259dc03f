import BuildDomain
import Glibc
import Orchestration

/// The bare mirror of one remote repository: what builds have asked for so far, kept between them.
///
/// What was fetched stands under `refs/mini-ci/` with its name made flat: branches `a` and `a/b`, of which a
/// repository can have only one at a time, can then follow one another without a conflict. Objects are never pruned,
/// so that a retry finds its commit after a force push.
struct Mirror: Sendable {
    /// More packs than this are put together, more refs in files of their own are packed.
    private static let packLimit = 32
    private static let looseRefLimit = 64

    let path: String
    let repository: RepositoryURL
    let fetches: FetchTimes

    var refs: RefStore { RefStore(commonFolder: path) }

    /// Where in the mirror a ref of the remote repository is kept.
    static func localName(of name: String) -> String { "refs/mini-ci/" + flatName(name) }

    /// Whether everything a git repository must have is there. A mirror appears by a rename, whole; one that is not was
    /// damaged.
    var isComplete: Bool {
        !(Files.read(path + "/HEAD") ?? []).isEmpty && !(Files.read(path + "/config") ?? []).isEmpty
            && Files.isFolder(path + "/objects") && Files.isFolder(path + "/refs")
    }

    func lock(timeout: Duration, with git: GitTool) async throws(CheckoutError) -> MirrorLock {
        if let slash = path.lastIndex(of: "/") {
            // Private repositories are nobody else's to read.
            try Files.makeFolders(String(path[..<slash]), mode: 0o700)
        }
        return try await MirrorLock.acquire(path + ".lock", timeout: timeout) {
            git.say("Waiting for another checkout of this repository")
        }
    }

    /// Makes the mirror, empty, in place of whatever is there. Only under the lock.
    func create(isSHA256: Bool = false) throws(CheckoutError) {
        let new = path + ".new"
        Files.remove(new)
        for folder in ["", "/objects", "/objects/info", "/objects/pack", "/refs", "/refs/tags"] {
            try Files.makeFolder(new + folder, mode: 0o700)
        }
        try Files.write("ref: refs/heads/none\n", to: new + "/HEAD")
        let format = isSHA256 ? "[extensions]\n\tobjectformat = sha256\n" : ""
        try Files.write(
            "[core]\n\trepositoryformatversion = \(isSHA256 ? 1 : 0)\n\tbare = true\n\(format)", to: new + "/config")
        Files.remove(path)
        guard rename(new, path) == 0 else {
            throw CheckoutError("could not create \(path): \(String(cString: strerror(errno)))")
        }
    }

    /// Removes what a killed fetch has left. Only under the lock, which says that no fetch is running.
    func removeLeftovers() {
        removeLeftovers(in: path, depth: 0)
    }

    private func removeLeftovers(in folder: String, depth: Int) {
        for entry in Files.entries(folder) {
            let file = folder + "/" + entry.name
            if entry.isFolder {
                // The folders of loose objects hold no locks and are many.
                if depth < 64, entry.name.utf8.count != 2 { removeLeftovers(in: file, depth: depth + 1) }
            } else if entry.name.hasSuffix(".lock") || entry.name.hasPrefix("tmp_") {
                unlink(file)
            }
        }
    }

    /// Keeps the mirror quick. Only under the lock.
    func tidy(with git: GitTool) async throws(CheckoutError) {
        let packs = Files.entries(path + "/objects/pack").count { $0.name.hasSuffix(".pack") }
        if packs > Self.packLimit {
            // Puts small packs together and drops no object, whether something points to it or not: workspaces borrow
            // them.
            let answer = try await git.run(["--git-dir=.", "repack", "--geometric=2", "-d", "-q"], in: path)
            if !answer.isSuccess { git.pass(answer) }
        }
        if refs.looseCount(under: "refs/") > Self.looseRefLimit {
            let answer = try await git.run(["--git-dir=.", "pack-refs", "--all"], in: path)
            if !answer.isSuccess { git.pass(answer) }
        }
    }
}
