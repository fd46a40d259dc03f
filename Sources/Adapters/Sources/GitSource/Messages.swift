import BuildDomain
import Orchestration

/// At most so many branches are named in a message.
private let shownBranches = 10
/// At most so many characters of git's words.
private let shownWords = 600

extension CheckoutError {
    /// The attempt is to end; why is known to whoever stopped it.
    static let stopped = CheckoutError("the checkout was stopped")
}

func missingRef(_ ref: GitRef, in repository: String, branches: [String]) -> CheckoutError {
    let text = ref.description
    var list = branches.prefix(shownBranches).joined(separator: ", ")
    if branches.count > shownBranches { list += " and \(branches.count - shownBranches) more" }
    if list.isEmpty { list = "none" }
    var message = "ref '\(text)' was not found in \(masked(repository)) (branches there: \(list))"
    if (4..<40).contains(text.utf8.count), text.utf8.allSatisfy({ Character(UnicodeScalar($0)).isHexDigit }) {
        message += "; a commit id must be given in full, all 40 digits"
    }
    return CheckoutError(message)
}

func fetchFailure(_ answer: GitTool.Answer, repository: String) -> CheckoutError {
    let unreachable = [
        "unable to connect", "unable to look up", "Could not resolve", "Connection refused", "Connection timed out",
        "Could not read from remote repository", "unable to access", "No route to host", "Network is unreachable",
    ]
    let verb = unreachable.contains { answer.standardError.contains($0) } ? "reach" : "fetch from"
    return CheckoutError("could not \(verb) \(masked(repository)): \(gitWords(answer))")
}

func checkoutFailure(_ answer: GitTool.Answer, object: String, repository: String) -> CheckoutError {
    let missing = ["Could not parse object", "unknown revision", "not a valid object name"]
    if missing.contains(where: { answer.standardError.contains($0) }) {
        return CheckoutError("commit \(object) was not found in \(masked(repository))")
    }
    return CheckoutError("could not check out \(object) of \(masked(repository)): \(gitWords(answer))")
}

/// What git said, as a part of a sentence.
func gitWords(_ answer: GitTool.Answer) -> String {
    let boilerplate = ["Please make sure you have the correct access rights", "and the repository exists."]
    let lines = answer.standardError.split(separator: "\n").compactMap { line -> Substring? in
        guard !boilerplate.contains(String(line)), !line.allSatisfy(\.isWhitespace) else { return nil }
        for prefix in ["fatal: ", "error: "] where line.hasPrefix(prefix) { return line.dropFirst(prefix.count) }
        return line
    }
    guard !lines.isEmpty else {
        switch answer.status {
        case .exited(let code): return "git ended with exit code \(code)"
        case .signaled(let signal): return "git was killed by signal \(signal)"
        }
    }
    return String(lines.joined(separator: "; ").prefix(shownWords))
}

/// Whether the repository answered that it has not what was asked for.
func saysNotThere(_ answer: GitTool.Answer) -> Bool {
    ["couldn't find remote ref", "not our ref", "does not allow request for unadvertised object"].contains {
        answer.standardError.contains($0)
    }
}

/// Whether the mirror holds objects of another kind of hash than the repository.
func saysOtherFormat(_ answer: GitTool.Answer) -> Bool {
    answer.standardError.contains("mismatched algorithms") && answer.standardError.contains("server sha256")
}

/// Whether git complains about the repository here and not about the one there, whose words have `remote:` before them.
func saysDamaged(_ answer: GitTool.Answer) -> Bool {
    let complaints = [
        "not a git repository", "bad object", "corrupt", "unable to read", "is empty", "bad config", "missing blob",
        "missing tree", "missing commit", "does not point to a valid object", "bad signature", "cannot lock ref",
        "unable to resolve reference", "reference broken", "did not send all necessary objects",
        "mismatched algorithms", "Could not parse object", "could not parse", "unresolved delta", "not a valid",
        "too small", "cannot be used",
        "garbage at end", "inflate:", "unable to unpack", "wrong index",
    ]
    return answer.standardError.split(separator: "\n").contains { line in
        !line.hasPrefix("remote:") && !line.contains("remote error") && complaints.contains { line.contains($0) }
    }
}
