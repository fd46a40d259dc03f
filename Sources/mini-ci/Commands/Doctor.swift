import APIClient
import ArgumentParser
import Foundation
import MiniCI

struct Doctor: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Look at everything mini-ci needs, and print every setting with where it came from.",
        discussion: """
            Nothing is changed. The exit status is 3 when something is missing or wrong.

            EXAMPLES
              mini-ci doctor
              MINI_CI_DATABASE_URL=postgres://… mini-ci doctor
              mini-ci doctor --json
            """)

    @OptionGroup var client: ClientOptions
    @OptionGroup var data: DataOptions
    @OptionGroup var database: DatabaseOptions
    @OptionGroup var json: JSONOption

    func run() async throws {
        client.warnOfVisibleToken()
        database.warnOfVisiblePassword()
        var flags = SettingFlags()
        client.note(in: &flags)
        data.note(in: &flags)
        database.note(in: &flags)
        let environment = ProcessInfo.processInfo.environment
        let (settings, problems) = Settings.examine(for: .doctor, flags: flags, environment: environment)
        var findings = problems.map { DoctorReport.Finding(name: "settings", ok: false, detail: $0, advice: nil) }
        findings += DoctorReport.unknownVariables(in: environment)
        findings += await Shapes.doctor(settings).map {
            DoctorReport.Finding(name: $0.name, ok: $0.isOK, detail: $0.detail, advice: $0.advice)
        }
        findings.append(token(settings))
        findings.append(await server(settings))
        let report = DoctorReport(findings: findings, settings: settings.resolved.map(DoctorReport.Line.init))
        if json.isOn { try JSONOutput.show(report) } else { report.show() }
        if findings.contains(where: { !$0.ok }) { throw CommandFailure() }
    }

    private func token(_ settings: Settings) -> DoctorReport.Finding {
        do {
            let detail = try settings.findToken().map { "found in \($0.origin)" } ?? "none; `mini-ci up` makes one"
            return DoctorReport.Finding(name: "token", ok: true, detail: detail, advice: nil)
        } catch { return DoctorReport.Finding(name: "token", ok: false, detail: error.description, advice: nil) }
    }

    /// No server is no fault on a machine that runs none.
    private func server(_ settings: Settings) async -> DoctorReport.Finding {
        let name = "server"
        do {
            try await Connection.with(settings) { try await $0.health() }
            return DoctorReport.Finding(name: name, ok: true, detail: "\(settings.serverURL) is ready", advice: nil)
        } catch APIClientError.unreachable(let server, let cause) {
            return DoctorReport.Finding(name: name, ok: true, detail: "none at \(server) (\(cause))", advice: nil)
        } catch {
            return DoctorReport.Finding(name: name, ok: false, detail: "\(error)", advice: nil)
        }
    }
}
