import CLibPQ

/// Which statement of a batch failed, and how.
struct BatchFailure: Error {
    let index: Int
    let error: PostgresError
}

extension PostgresLink {
    /// Runs one statement outside a pipeline: the quickest way for a single read.
    ///
    /// - Throws: `PostgresError`.
    func run(_ statement: PostgresStatement) throws -> PostgresResult {
        let parameters = try EncodedParameters(statement.parameters)
        let key = PreparedKey(statement)
        let name = prepared[key] ?? makeName()
        if prepared[key] == nil {
            let result = try succeed(PQprepare(raw, name, key.sql, Int32(key.types.count), key.types))
            withExtendedLifetime(result) { prepared[key] = name }
        }
        return try succeed(
            parameters.withPointers { count, values, lengths, formats in
                PQexecPrepared(raw, name, count, values, lengths, formats, PostgresLink.binaryFormat)
            })
    }

    /// Runs statements in one round trip. The first that fails ends the batch: those after it do not run.
    func run(_ statements: [PostgresStatement]) throws(BatchFailure) -> [PostgresResult] {
        guard !statements.isEmpty else { return [] }
        let parameters = try encode(statements)
        guard PQenterPipelineMode(raw) == 1 else { throw BatchFailure(index: 0, error: lost()) }
        let sent = try send(statements, parameters)
        guard PQpipelineSync(raw) == 1 else { throw BatchFailure(index: statements.count - 1, error: lost()) }
        let outcome = collect(sent)
        guard isAlive else {
            throw outcome.failure ?? BatchFailure(index: statements.count - 1, error: lost())
        }
        try leavePipeline(last: statements.count - 1)
        if let failure = outcome.failure { throw failure }
        return outcome.results
    }

    private func encode(_ statements: [PostgresStatement]) throws(BatchFailure) -> [EncodedParameters] {
        var encoded: [EncodedParameters] = []
        encoded.reserveCapacity(statements.count)
        for (index, statement) in statements.enumerated() {
            do {
                encoded.append(try EncodedParameters(statement.parameters))
            } catch {
                throw BatchFailure(index: index, error: error as? PostgresError ?? .misuse("\(error)"))
            }
        }
        return encoded
    }

    /// What was sent and is to be answered: a preparation or an execution.
    private struct Sent {
        let index: Int
        let preparation: PreparedKey?
        let name: String
    }

    private func send(
        _ statements: [PostgresStatement], _ parameters: [EncodedParameters]
    ) throws(BatchFailure) -> [Sent] {
        var sent: [Sent] = []
        var fresh: [PreparedKey: String] = [:]
        for (index, statement) in statements.enumerated() {
            let key = PreparedKey(statement)
            var name = prepared[key] ?? fresh[key]
            if name == nil {
                let made = makeName()
                guard PQsendPrepare(raw, made, key.sql, Int32(key.types.count), key.types) == 1 else {
                    throw BatchFailure(index: index, error: lost())
                }
                fresh[key] = made
                sent.append(Sent(index: index, preparation: key, name: made))
                name = made
            }
            let isSent = parameters[index].withPointers { count, values, lengths, formats in
                PQsendQueryPrepared(raw, name, count, values, lengths, formats, PostgresLink.binaryFormat)
            }
            guard isSent == 1 else { throw BatchFailure(index: index, error: lost()) }
            sent.append(Sent(index: index, preparation: nil, name: ""))
        }
        return sent
    }

    /// Reads the answers. After a failure the rest are marked as skipped by the server and say nothing.
    private func collect(_ sent: [Sent]) -> (results: [PostgresResult], failure: BatchFailure?) {
        var results: [PostgresResult] = []
        var failure: BatchFailure?
        for item in sent {
            guard let raw = PQgetResult(raw) else {
                return (results, failure ?? BatchFailure(index: item.index, error: lost()))
            }
            let result = PostgresResult(owning: raw)
            if PostgresLink.isSuccess(raw) {
                if let key = item.preparation { prepared[key] = item.name } else { results.append(result) }
            } else if failure == nil {
                failure = BatchFailure(index: item.index, error: self.failure(of: raw))
            }
            guard isAlive else { break }
            while let rest = PQgetResult(self.raw) { PQclear(rest) }
        }
        return (results, failure)
    }

    private func leavePipeline(last: Int) throws(BatchFailure) {
        if let sync = PQgetResult(raw) {
            defer { PQclear(sync) }
            if PQresultStatus(sync) == PGRES_PIPELINE_SYNC, PQexitPipelineMode(raw) == 1 { return }
        }
        throw BatchFailure(index: last, error: lost())
    }

    private func succeed(_ raw: OpaquePointer?) throws -> PostgresResult {
        guard let raw else { throw lost() }
        let result = PostgresResult(owning: raw)
        guard PostgresLink.isSuccess(raw) else { throw failure(of: raw) }
        return result
    }

    private func makeName() -> String {
        nextName += 1
        return "s\(nextName)"
    }
}

extension PostgresLink.PreparedKey {
    fileprivate init(_ statement: PostgresStatement) {
        self.init(sql: statement.sql, types: statement.parameters.map(\.typeID))
    }
}
