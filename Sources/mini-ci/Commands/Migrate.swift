import ArgumentParser
import MiniCI

struct Migrate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Bring a database's schema up to date.",
        discussion: """
            Run it once before the first `mini-ci server`, and after every update. Repeating it does nothing; two at \
            once wait for each other. Without --database-url it is the database of `mini-ci up`, which also does it \
            by itself.

            EXAMPLES
              export MINI_CI_DATABASE_URL=postgres://mini_ci:…@db.example/mini_ci
              mini-ci migrate
            """)

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        database.warnOfVisiblePassword()
        let report = try await Shapes.migrate(try Settings.of(.migrate, database, data))
        guard !report.applied.isEmpty else {
            Output.line("the schema is up to date, version \(report.to)")
            return
        }
        for name in report.applied { Output.line("applied \(name)") }
        Output.line("the schema went from version \(report.from) to \(report.to)")
    }
}
