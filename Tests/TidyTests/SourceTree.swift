import Foundation
import Testing

/// The repository that this file was compiled from.
enum SourceTree {
    static let root = URL(filePath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Every file below `folder`, or in the whole repository, that `isWanted`; never hidden ones (`.git`, `.build` …).
    static func files(under folder: String = "", where isWanted: (String) -> Bool) throws -> [SourceFile] {
        let start = folder.isEmpty ? root : root.appending(path: folder)
        let prefix = folder.isEmpty ? "" : folder + "/"
        guard let walk = FileManager.default.enumerator(atPath: start.path) else { return [] }
        var files: [SourceFile] = []
        while let path = walk.nextObject() as? String {
            if (path as NSString).lastPathComponent.hasPrefix(".") {
                walk.skipDescendants()
            } else if isWanted(path), !isFolder(start.appending(path: path)) {
                let text = try String(contentsOf: start.appending(path: path), encoding: .utf8)
                files.append(SourceFile(path: prefix + path, text: text))
            }
        }
        return files.sorted { $0.path < $1.path }
    }

    static func swiftFiles(under folders: String...) throws -> [SourceFile] {
        try folders.flatMap { try files(under: $0) { $0.hasSuffix(".swift") } }
    }

    /// Whether `path`, relative to the repository, names a file or folder.
    static func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: root.appending(path: path).path)
    }

    private static func isFolder(_ location: URL) -> Bool {
        (try? location.resourceValues(forKeys: [.isDirectoryKey]).isDirectory) == true
    }
}

/// A file's text and its path from the root of the repository.
struct SourceFile: Sendable {
    var path: String
    var text: String

    /// Lines as an editor counts them: a final newline starts no further line.
    var lines: [Substring] {
        let all = text.split(separator: "\n", omittingEmptySubsequences: false)
        return all.last?.isEmpty == true ? all.dropLast() : all
    }
}

/// Something untidy, where, and what to do about it.
struct Finding: Equatable, CustomStringConvertible {
    var path: String
    var line: Int
    var message: String

    var description: String { "\(path):\(line): \(message)" }
}

/// Fails the test with one line per finding.
func expectNone(_ findings: [Finding], sourceLocation: SourceLocation = #_sourceLocation) {
    guard !findings.isEmpty else { return }
    let list = findings.map(\.description).joined(separator: "\n")
    Issue.record("\(findings.count) untidy:\n\(list)", sourceLocation: sourceLocation)
}
