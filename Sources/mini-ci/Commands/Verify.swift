import ArgumentParser
import BuildDomain
import MiniCI
import Orchestration

struct Verify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Hold everything that is stored against its history.",
        discussion: """
            Replays the history of every build and says what does not fit: a build without its history, an attempt \
            without exactly one end, an event that could not have happened, a row that is not what the events say, a \
            log that is not what its worker sealed. It only reads, and may run while servers do. Without \
            --database-url it is the database of `mini-ci up`.

            Each finding is a line; the exit status is 1 when there is one, and 3 when not everything could be looked \
            at. With --json each line is an object: {"finding": …} for each, and {"summary": …} in the end.

            EXAMPLES
              mini-ci verify
              mini-ci verify --build 0190a1b2-3c4d-7e5f-8a9b-0c1d2e3f4a5b
              mini-ci verify --data /srv/restored --json
              MINI_CI_DATABASE_URL=postgres://mini_ci:…@db.example/mini_ci mini-ci verify
            """)

    @Option(help: ArgumentHelp("Only this build: its id, or enough of its beginning or end.", valueName: "id"))
    var build: String?
    @OptionGroup var data: DataOptions
    @OptionGroup var database: DatabaseOptions
    @OptionGroup var json: JSONOption

    func run() async throws {
        database.warnOfVisiblePassword()
        let settings = try Settings.of(.verify, data, database)
        let report = VerificationReport(isJSON: json.isOn)
        let start = ContinuousClock.now
        let counts = try await Shapes.withHistory(settings) { history in
            do {
                guard let build else { return try await history.all(progress: report.progress, report: report.finding) }
                return try await history.one(try await BuildLookup.find(build, history), report: report.finding)
            } catch StoreError.notFound {
                throw CommandFailure("there is nothing of a build \((build ?? "-").onOneLine) in this database")
            } catch let error as StoreError { throw UseCaseError.store(error) }
        }
        try report.end(counts, took: ContinuousClock.now - start)
        if counts.findings > 0 { throw CommandFailure(ending: .buildFailed) }
        guard counts.undecided == 0 else {
            throw CommandFailure("\(counts.undecided) builds changed each time they were looked at; try again")
        }
    }
}
