import BuildDomain
import Glibc

/// The refs of a repository, read from its files as gitrepository-layout(5) describes them.
///
/// Reading them here takes microseconds where a git process takes a millisecond or two.
struct RefStore: Sendable {
    /// The folder with `HEAD`; in a linked worktree not the common one.
    var gitFolder: String
    /// The folder with `refs` and `packed-refs`; `nil` when `packed` holds all refs already.
    var commonFolder: String?
    /// `packed-refs`: lines of object id, space and name, each perhaps followed by `^` and the id the tag points to.
    private(set) var packed: [UInt8]

    /// - Parameter gitFolder: `nil` means: the same.
    init(commonFolder: String, gitFolder: String? = nil) {
        self.commonFolder = commonFolder
        self.gitFolder = gitFolder ?? commonFolder
        packed = Files.read(commonFolder + "/packed-refs") ?? []
    }

    /// The refs as `git for-each-ref` lists them, for a repository that does not keep them in files (reftable).
    init(listed: [UInt8], gitFolder: String) {
        commonFolder = nil
        self.gitFolder = gitFolder
        packed = listed
    }

    /// The object a full ref name, or `HEAD`, stands for: a commit, or an annotated tag.
    func object(of name: String, depth: Int = 5) -> String? {
        guard let commonFolder else { return packedObject(of: name) }
        if let line = Files.readLine((name == "HEAD" ? gitFolder : commonFolder) + "/" + name) {
            guard line.hasPrefix("ref:") else { return CommitSHA(line)?.description ?? packedObject(of: name) }
            // A stranger wrote this name: it must not lead out of the repository.
            let target = line.dropFirst(4).drop { $0 == " " }
            guard depth > 0, target.hasPrefix("refs/"), let ref = try? GitRef(String(target)) else { return nil }
            return object(of: ref.description, depth: depth - 1)
        }
        return packedObject(of: name)
    }

    private func packedObject(of name: String) -> String? {
        let wanted = [UInt8](" \(name)".utf8)
        return packed.withUnsafeBytes { all -> String? in
            guard let base = all.baseAddress else { return nil }
            var start = 0
            while start < all.count {
                let newline = memchr(base + start, Int32(UInt8(ascii: "\n")), all.count - start)
                let end = newline.map { base.distance(to: UnsafeRawPointer($0)) } ?? all.count
                let idEnd = end - wanted.count
                if idEnd > start, memcmp(base + idEnd, wanted, wanted.count) == 0 {
                    return CommitSHA(String(decoding: all[start..<idEnd], as: UTF8.self))?.description
                }
                start = end + 1
            }
            return nil
        }
    }

    /// Full names under a prefix that ends with `/`, sorted.
    func names(under prefix: String) -> [String] {
        var names = Set(looseNames(under: prefix))
        eachPacked(under: prefix) { name, _ in names.insert(name) }
        return names.sorted()
    }

    /// How many refs are files of their own: many of them make a repository slow.
    func looseCount(under prefix: String) -> Int { looseNames(under: prefix).count }

    /// The lines of `packed-refs` for everything under a prefix, what `replacing` names excepted, sorted as git wants.
    func packedLines(under prefix: String, replacing replaced: [String: String] = [:]) -> [UInt8] {
        var loose = replaced
        for name in looseNames(under: prefix) where loose[name] == nil { loose[name] = object(of: name) }
        var lines: [(name: String, line: [UInt8])] = loose.map { ($0, [UInt8]("\($1) \($0)\n".utf8)) }
        eachPacked(under: prefix) { name, line in
            if loose[name] == nil { lines.append((name, [UInt8](line))) }
        }
        // Bytewise, and only when needed: what comes from the file alone is in order.
        if !loose.isEmpty { lines.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) } }
        return lines.flatMap(\.line)
    }

    private func looseNames(under prefix: String) -> [String] {
        guard let commonFolder else { return [] }
        return Files.entries(commonFolder + "/" + prefix).flatMap { entry -> [String] in
            if entry.isFolder { return looseNames(under: prefix + entry.name + "/") }
            return entry.name.hasSuffix(".lock") ? [] : [prefix + entry.name]
        }
    }

    /// Calls `body` with each packed name and its line, the `^` line included.
    private func eachPacked(under prefix: String, _ body: (String, ArraySlice<UInt8>) -> Void) {
        let wanted = [UInt8](prefix.utf8)
        let newline = UInt8(ascii: "\n")
        var at = 0
        while at < packed.count {
            let end = packed[at...].firstIndex(of: newline).map { $0 + 1 } ?? packed.count
            var lineEnd = end
            if end < packed.count, packed[end] == UInt8(ascii: "^") {
                lineEnd = packed[end...].firstIndex(of: newline).map { $0 + 1 } ?? packed.count
            }
            if let space = packed[at..<end].firstIndex(of: UInt8(ascii: " ")), packed[at] != UInt8(ascii: "#"),
                packed[(space + 1)..<end].starts(with: wanted), packed[end - 1] == newline
            {
                body(String(decoding: packed[(space + 1)..<(end - 1)], as: UTF8.self), packed[at..<lineEnd])
            }
            at = lineEnd
        }
    }
}

extension GitRef {
    /// The full names a name may stand for, in the order in which they are tried.
    var candidates: [String] {
        if description == "HEAD" || description.hasPrefix("refs/") { return [description] }
        return ["refs/heads/\(description)", "refs/tags/\(description)"]
    }
}
