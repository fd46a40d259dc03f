import Foundation

/// The programs under test and beside it.
package enum Product {
    /// The folder of the package.
    package static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path

    /// The binary that the build put next to the tests.
    /// - Throws: ``ScenarioError`` where there is none.
    package static func miniCI() throws -> String { try found.get() }

    private static let found = Result { () throws -> String in
        // The tests run in a program of the toolchain's; its arguments name the bundle.
        let arguments = CommandLine.arguments.map { URL(fileURLWithPath: $0) }
        let bundle = arguments.first { $0.pathExtension == "xctest" } ?? Bundle.main.bundleURL
        let folders = sequence(first: bundle) { $0.path == "/" ? nil : $0.deletingLastPathComponent() }
        let candidates = folders.prefix(6).map { $0.appendingPathComponent("mini-ci").path }
        guard let path = candidates.first(where: isProgram) else {
            throw ScenarioError("there is no mini-ci next to \(bundle.path); build it: swift build --build-tests")
        }
        return path
    }

    private static func isProgram(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && !isFolder.boolValue
            && FileManager.default.isExecutableFile(atPath: path)
    }

    /// The tool that holds the API against its description: of the `PATH`, or where `make setup` put it.
    package static func schemathesis() throws -> String {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map { String($0) }
        let candidates = (folders + [root + "/.build-tools/venv/bin"]).map { $0 + "/schemathesis" }
        guard let path = candidates.first(where: isProgram) else {
            throw ScenarioError("schemathesis is missing; run: Scripts/setup.sh --test")
        }
        return path
    }
}
