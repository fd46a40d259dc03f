/// The targets that `Package.swift` names, read as text: the manifest is data here, and nothing of it is run.
struct Manifest {
    struct Target: Equatable {
        var name: String
        var path: String
    }

    /// Everything that is compiled into the product; tests are not listed.
    var targets: [Target]

    init(_ text: String) {
        let declarations = text.split(separator: /\.(target|executableTarget|systemLibrary|testTarget)\(/)
        targets = declarations.dropFirst().compactMap { declaration in
            guard let name = declaration.firstMatch(of: /name:\s*"([^"]+)"/)?.output.1,
                let path = declaration.firstMatch(of: /path:\s*"(Sources\/[^"]+)"/)?.output.1
            else { return nil }
            return Target(name: String(name), path: String(path))
        }
    }

    /// The target that compiles a file.
    func target(of path: String) -> Target? {
        targets.first { path.hasPrefix($0.path + "/") }
    }
}
