import Foundation
import TestSupport

/// `pgbench`: claim one job, complete one job, in two transactions, with 8 clients.
enum PgBenchFloor {
    static func rate(_ server: PostgresServer, jobs: Int) async throws -> Double {
        let uri = try await server.makeDatabase()
        let folder = try makeTemporaryFolder()
        try """
        CREATE TABLE queue (
            id bigserial PRIMARY KEY, status text NOT NULL DEFAULT 'pending', worker int, at timestamptz);
        CREATE INDEX ON queue (id) WHERE status = 'pending';
        INSERT INTO queue (status) SELECT 'pending' FROM generate_series(1, \(jobs));
        VACUUM ANALYZE queue;
        """.write(toFile: folder + "/schema.sql", atomically: true, encoding: .utf8)
        try """
        UPDATE queue SET status = 'running', worker = :client_id, at = now() WHERE id = (SELECT id FROM queue \
        WHERE status = 'pending' ORDER BY id FOR UPDATE SKIP LOCKED LIMIT 1) RETURNING id \\gset
        UPDATE queue SET status = 'success', at = now() WHERE id = :id;
        """.write(toFile: folder + "/job.sql", atomically: true, encoding: .utf8)
        let pgbench = try shell("command -v pgbench || ls /usr/lib/postgresql/*/bin/pgbench | tail -1")
            .trimmingCharacters(in: .whitespacesAndNewlines)
        try shell("psql -q '\(uri)' -f \(folder)/schema.sql > /dev/null")
        let clients = 8
        let text = try shell(
            "\(pgbench) -n -M prepared -c \(clients) -j 2 -t \(jobs / clients) -f \(folder)/job.sql '\(uri)'")
        try shell("rm -rf \(folder)")
        guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix("tps = ") }),
            let number = Double(line.dropFirst(6).prefix { $0 != " " })
        else { throw BenchmarkError("pgbench says: \(text)") }
        return number
    }
}
