/// How to reach PostgreSQL, and how long to wait for it.
struct PostgresConfiguration: Sendable {
    /// A `postgresql://` URI or a `keyword=value` string, as libpq reads it (PostgreSQL manual §34.1.1). What it sets
    /// beats the settings below.
    var conninfo: String
    /// Seconds to wait for one address to answer a connection attempt; libpq's minimum is 2.
    var connectTimeoutSeconds = 5
    /// Milliseconds a statement may run before the server ends it with SQLSTATE 57014; 0 is no limit.
    var statementTimeoutMilliseconds = 30_000
    /// Milliseconds a transaction may sit idle before the server ends the connection; 0 is no limit.
    var idleTransactionTimeoutMilliseconds = 60_000
    /// How often a transaction is run in all when it is rolled back for a deadlock, a serialization failure, or a
    /// connection that broke before its commit was sent.
    var transactionAttempts = 5
    /// Prepared statements one connection keeps; beyond that it forgets all of them and starts again.
    var preparedStatementLimit = 512

    init(conninfo: String) { self.conninfo = conninfo }

    /// Keywords for `PQconnectdbParams`: the later ones win, and `dbname` is expanded where it stands.
    var keywords: [(String, String)] {
        [
            ("connect_timeout", String(connectTimeoutSeconds)),
            ("keepalives", "1"),
            ("keepalives_idle", "30"),
            ("keepalives_interval", "10"),
            ("keepalives_count", "3"),
            ("tcp_user_timeout", "60000"),
            ("dbname", conninfo),
            ("application_name", "mini-ci"),
            ("client_encoding", "UTF8"),
        ]
    }

    /// Sent once after connecting rather than as start-up options, which connection poolers refuse.
    ///
    /// A statement is planned once per connection, perhaps while its tables are still empty, and a plan that reads
    /// a whole table would stay when they have grown. There is an index for every statement, so the planner is told to
    /// take it whatever the sizes.
    var sessionSettings: String {
        """
        SET client_min_messages = warning;
        SET timezone = 'UTC';
        SET statement_timeout = \(statementTimeoutMilliseconds);
        SET idle_in_transaction_session_timeout = \(idleTransactionTimeoutMilliseconds);
        SET enable_seqscan = off;
        SET enable_hashjoin = off;
        SET enable_mergejoin = off;
        SET jit = off;
        SET plan_cache_mode = force_generic_plan;
        """
    }
}
