import ArgumentParser
import BuildDomain
import MiniCI

struct Backup: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Copy the database of `mini-ci up` to a file, also while it runs.",
        discussion: """
            The copy is the database as of one moment, with everything that was acknowledged before the backup began: \
            builds, logs, tokens. It is checked before it gets its name, and readable by you alone. To restore it, \
            stop `mini-ci up`, put the file in the place of mini-ci.db in the data folder, remove mini-ci.db-wal and \
            mini-ci.db-shm, and start again. A PostgreSQL database is copied with pg_dump.

            EXAMPLES
              mini-ci backup /backup/mini-ci-$(date +%F).db
              mini-ci backup --force --data /srv/mini-ci /backup/latest.db
            """)

    @Argument(help: ArgumentHelp("The file to make.", valueName: "file")) var file: String
    @Flag(help: "Replace the file where it is there already.") var force = false
    @OptionGroup var data: DataOptions
    @OptionGroup var database: DatabaseOptions
    @OptionGroup var json: JSONOption

    private struct Report: Encodable {
        var file: String
        var bytes: Int64
        var schema: Int
        var seconds: Double
        var problem: String?
    }

    func validate() throws {
        guard !file.isEmpty, !file.hasSuffix("/") else { throw ValidationError("expected the name of a file") }
    }

    func run() async throws {
        database.warnOfVisiblePassword()
        let settings = try Settings.of(.backup, data, database)
        let shown = ProgressLine(isOn: Terminal.current.showsErrors && !json.isOn)
        let report: BackupReport
        do {
            report = try await Shapes.backup(settings, to: file, replaces: force) { done, all in
                shown.show("copied \(done * 100 / max(1, all)) % of the pages …")
            }
        } catch {
            shown.clear()
            throw error
        }
        shown.clear()
        if json.isOn {
            let seconds = Double(report.duration.wholeMilliseconds) / 1000
            try JSONOutput.show(
                Report(
                    file: file, bytes: report.size, schema: report.schema, seconds: seconds, problem: report.problem))
        } else {
            Output.line(
                "\(file.onOneLine): \(byteWords(report.size)), schema \(report.schema), checked, "
                    + "in \(report.duration.words)")
        }
        if let problem = report.problem { Output.note("about the copy: \(problem)") }
    }
}
