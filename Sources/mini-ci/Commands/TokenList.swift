import APISchema
import ArgumentParser
import BuildDomain

struct TokenList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List tokens, oldest first, without their text.",
        discussion: """
            EXAMPLES
              mini-ci token list
              mini-ci token list --json
            """)

    @OptionGroup var options: TokenOptions
    @OptionGroup var json: JSONOption

    func run() async throws {
        let tokens = try await TokenDesk(options).list()
        if json.isOn { return try JSONOutput.show(tokens) }
        var table = Table(header: ["ID", "ROLE", "STATE", "MADE", "EXPIRES", "NAME"])
        table.rows = tokens.map { token in
            [
                token.id.description, token.role.rawValue, Self.state(of: token, at: .now), token.createdAt.age(),
                token.expiresAt?.description ?? "never", token.name,
            ]
        }
        table.show()
    }

    static func state(of token: TokenView, at now: Timestamp) -> String {
        if token.revokedAt != nil { return "revoked" }
        return token.expiresAt.map { $0 <= now } ?? false ? "expired" : "valid"
    }
}
