import APISchema
import ArgumentParser
import BuildDomain
import MiniCI

struct TokenCreate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Make a token and print it, once.",
        discussion: """
            Standard output gets the token and nothing else, so that it can go into a file. It cannot be had again: \
            only its SHA-256 is kept.

            ROLES
              admin   everything, tokens included
              user    submit, cancel and read builds
              reader  read
              worker  run jobs, and nothing else

            EXAMPLES
              (umask 077; mini-ci token create --role worker --name builder-1 >token)
              mini-ci token create --role user --name anna --expires 90d
              mini-ci token create --role admin --name me --database-url postgres://…
            """)

    @Option(help: "admin, user, reader or worker.")
    var role: String
    @Option(help: "What it is called in lists.")
    var name: String
    @Option(help: "How long it is valid, in seconds or as in 12h or 30d; for ever where it is not said.")
    var expires: String?
    @OptionGroup var options: TokenOptions
    @OptionGroup var json: JSONOption

    func validate() throws {
        guard Role(rawValue: role) != nil else {
            let known = Role.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("--role: expected one of \(known), got '\(role)'")
        }
        if let expires, Quantity.seconds.parse(expires) ?? 0 <= 0 {
            throw ValidationError("--expires: expected seconds, or as in 12h or 30d, got '\(expires)'")
        }
    }

    func run() async throws {
        guard let role = Role(rawValue: role) else { return }
        let seconds = expires.flatMap { Quantity.seconds.parse($0) }
        let token = try await TokenDesk(options).create(
            TokenRequest(name: name, role: role, expiresInSeconds: seconds))
        if json.isOn { return try JSONOutput.show(token) }
        guard let text = token.token else {
            throw CommandFailure("the server made token \(token.id) and did not tell it")
        }
        Output.line(text)
        let end = token.expiresAt.map { ", valid until \($0)" } ?? ""
        Output.note("made token \(token.id), role \(role.rawValue), '\(name.onOneLine)'\(end); it is printed this once")
    }
}
