import Foundation

/// What came after `--repo`: a remote address as it is, or a folder, of which the repository around it is meant.
struct RepositoryArgument {
    /// What the server is told.
    let address: String
    /// The repository's folder, where it is on this machine.
    let folder: String?

    /// - Throws: ``CommandFailure`` where there is no such folder, or it is no git repository.
    init(_ text: String) throws {
        guard !Self.isRemote(text) else {
            address = text
            folder = nil
            return
        }
        let path = URL(fileURLWithPath: text).standardizedFileURL.path
        // Looking further up would find the repository around a misspelt name, and build that.
        guard FileManager.default.fileExists(atPath: path) else {
            throw CommandFailure("--repo: \(path) does not exist", ending: .usage)
        }
        guard let top = Self.top(around: path) else {
            throw CommandFailure(
                "--repo: \(path) is no git repository; expected a folder in one, or an address such as "
                    + "https://example.com/project.git", ending: .usage)
        }
        address = top
        folder = top
    }

    /// `scheme://…` or `host:path`, as git tells them from folders: no slash before the first colon.
    static func isRemote(_ text: String) -> Bool {
        guard let colon = text.firstIndex(of: ":") else { return false }
        return !text[..<colon].contains("/")
    }

    private static func top(around path: String) -> String? {
        var url = URL(fileURLWithPath: path)
        while true {
            let folder = url.path
            if GitHead.administration(of: folder) != nil { return folder }
            guard folder != "/" else { return nil }
            url.deleteLastPathComponent()
        }
    }
}

/// Reads which branch a repository is on, without asking git.
enum GitHead {
    /// The branch, or the commit where there is none; `nil` where it cannot be told.
    static func ref(of folder: String) -> String? {
        guard let administration = administration(of: folder), let text = read("\(administration)/HEAD") else {
            return nil
        }
        let prefix = "ref: refs/heads/"
        return text.hasPrefix(prefix) ? String(text.dropFirst(prefix.count)) : text.hasPrefix("ref:") ? nil : text
    }

    /// The folder with `HEAD` in it: `.git`, what a `.git` file of a worktree names, or a bare repository itself.
    static func administration(of folder: String) -> String? {
        let inside = folder == "/" ? "/.git" : "\(folder)/.git"
        if hasHead(inside) { return inside }
        if let text = read(inside), text.hasPrefix("gitdir: ") {
            let target = URL(fileURLWithPath: String(text.dropFirst(8)), relativeTo: URL(fileURLWithPath: folder + "/"))
                .path
            return hasHead(target) ? target : nil
        }
        return hasHead(folder) && FileManager.default.fileExists(atPath: "\(folder)/objects") ? folder : nil
    }

    private static func hasHead(_ folder: String) -> Bool { FileManager.default.fileExists(atPath: "\(folder)/HEAD") }

    private static func read(_ path: String) -> String? {
        guard let bytes = FileManager.default.contents(atPath: path), bytes.count < 4096 else { return nil }
        return String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
