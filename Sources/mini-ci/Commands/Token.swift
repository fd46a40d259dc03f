import ArgumentParser

struct Token: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make, list and revoke access tokens.",
        discussion: """
            Tokens are made through the server by an administrator. Before there is one, or without a server, they \
            are made straight in the database: name it with --database-url or MINI_CI_DATABASE_URL.

            EXAMPLES
              (umask 077; mini-ci token create --role worker --name builder-1 >token)
              mini-ci token list
              mini-ci token revoke 6f5b7d2c11
            """,
        subcommands: [TokenCreate.self, TokenList.self, TokenRevoke.self])
}

/// Where tokens are kept: behind a server, or in a database that was named.
struct TokenOptions: ParsableArguments {
    @OptionGroup var client: ClientOptions
    @OptionGroup var data: DataOptions
    @OptionGroup var database: DatabaseOptions
}
