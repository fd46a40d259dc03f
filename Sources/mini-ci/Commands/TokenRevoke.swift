import ArgumentParser
import BuildDomain

struct TokenRevoke: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke",
        abstract: "Make a token invalid from now on.",
        discussion: """
            EXAMPLES
              mini-ci token revoke 01993b5e-0a52-7c61-9a64-0d6f5b7d2c11
            """)

    @Argument(help: "The token's id, as `mini-ci token list` prints it.")
    var token: String
    @OptionGroup var options: TokenOptions

    func validate() throws {
        guard TokenID(token) != nil else {
            throw ValidationError("expected a token's id as `mini-ci token list` prints it, got '\(token.prefix(8))…'")
        }
    }

    func run() async throws {
        guard let id = TokenID(token) else { return }
        try await TokenDesk(options).revoke(id)
        Output.note("token \(id) is revoked")
    }
}
