import BuildDomain
import Foundation
import Glibc
import LocalMachine
import Logging
import Orchestration

/// Something `mini-ci doctor` looked at.
public struct DoctorFinding: Sendable {
    public var name: String
    public var isOK: Bool
    /// What was found.
    public var detail: String
    /// What to do about it.
    public var advice: String?
}

extension Shapes {
    /// Looks at everything a shape needs on this machine, and changes nothing.
    public static func doctor(_ settings: Settings) async -> [DoctorFinding] {
        [
            program("git", settings, advice: "install it: apt-get install git"),
            program("sh", settings, advice: "commands are run by /bin/sh"),
            folder(settings.dataFolder),
            await database(settings),
        ]
    }

    private static func program(_ name: String, _ settings: Settings, advice: String) -> DoctorFinding {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":")
        let found = folders.map { (folder) -> String in "\(folder)/\(name)" }.first { access($0, X_OK) == 0 }
        return DoctorFinding(
            name: name, isOK: found != nil, detail: found ?? "not found in PATH", advice: found == nil ? advice : nil)
    }

    private static func folder(_ path: String) -> DoctorFinding {
        var existing = path
        while !existing.isEmpty, !Files.exists(existing) {
            existing = String(existing[..<(existing.lastIndex(of: "/") ?? existing.startIndex)])
        }
        if existing.isEmpty { existing = "/" }
        let isWritable = access(existing, W_OK) == 0
        return DoctorFinding(
            name: "data folder", isOK: isWritable, detail: path,
            advice: isWritable ? nil : "\(existing) cannot be written to; choose another folder with --data")
    }

    private static func database(_ settings: Settings) async -> DoctorFinding {
        let name = "database"
        if settings.databaseURL == nil, !Files.exists(settings.databasePath) {
            return DoctorFinding(
                name: name, isOK: true, detail: "\(settings.databasePath) will be made by `mini-ci up`")
        }
        do {
            let store = try await Databases.open(settings, hub: SignalHub(), logger: Logger(label: "mini-ci.doctor"))
            let latest = store.migrations.last?.version ?? 0
            let state = try await store.schemaState()
            await store.close()
            let what = settings.databaseURL == nil ? settings.databasePath : "PostgreSQL"
            return DoctorFinding(
                name: name, isOK: state == .current, detail: "\(what), schema \(state)",
                advice: state.problem(latest: latest))
        } catch {
            return DoctorFinding(
                name: name, isOK: false, detail: "\(error)",
                advice: "check MINI_CI_DATABASE_URL and whether PostgreSQL runs")
        }
    }
}
