import Testing

@testable import PostgresStore

@Suite struct PostgresValueTests {
    @Test func scalarsComeBackAsTheyWent() async throws {
        try await withPool { pool in
            try await pool.read { session in
                for number in [Int64.min, -1, 0, 1, .max] {
                    #expect(try session.query("SELECT $1", [.int64(number)]).only().int64(0) == number)
                }
                for value in [true, false] {
                    #expect(try session.query("SELECT $1", [.bool(value)]).only().bool(0) == value)
                }
                for value in [0.0, -1.5, .pi, .infinity, .leastNonzeroMagnitude] {
                    #expect(try session.query("SELECT $1", [.double(value)]).only().double(0) == value)
                }
                for text in ["", "a", "ünï ☃ 🎉 e\u{301}", "'; DROP TABLE x; --", #"\ " , { }"#, "line\nline\r\t"] {
                    #expect(try session.query("SELECT $1", [.text(text)]).only().text(0) == text)
                }
                let uuid = PostgresUUID(high: 0x0123_4567_89AB_CDEF, low: .max)
                let row = try session.query("SELECT $1, $1::text", [.uuid(uuid)]).only()
                #expect(try row.uuid(0) == uuid)
                #expect(try row.text(1) == "01234567-89ab-cdef-ffff-ffffffffffff")
            }
        }
    }

    @Test func nullsHaveTheirTypes() async throws {
        let nulls: [PostgresValue] = [
            .bool(nil), .int64(nil), .double(nil), .text(nil), .bytes(nil), .uuid(nil), .json(nil),
            .timestamp(microseconds: nil),
        ]
        try await withPool { pool in
            try await pool.read { session in
                let sql = "SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9::bigint"
                let row = try session.query(sql, nulls + [.null]).only()
                #expect((0...8).allSatisfy(row.isNull))
                #expect(try row.optionalBool(0) == nil)
                #expect(try row.optionalInt64(1) == nil)
                #expect(try row.optionalDouble(2) == nil)
                #expect(try row.optionalText(3) == nil)
                #expect(try row.optionalBytes(4) == nil)
                #expect(try row.optionalUUID(5) == nil)
                #expect(try row.optionalText(6) == nil)
                #expect(try row.optionalTimestamp(7) == nil)
                #expect(try row.optionalInt64(8) == nil)
            }
        }
    }

    @Test(arguments: [0, 1, 10 << 20]) func bytesOfEverySize(count: Int) async throws {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        try await withPool { pool in
            let (back, length) = try await pool.read { session in
                let row = try session.query("SELECT $1, length($1)::bigint", [.bytes(bytes)]).only()
                return (try row.bytes(0), try row.int64(1))
            }
            #expect(back == bytes)
            #expect(length == Int64(count))
        }
    }

    @Test func timesAndJSON() async throws {
        try await withPool { pool in
            try await pool.read { session in
                let moment: Int64 = 1_767_225_600_123_456
                let row = try session.query(
                    "SELECT $1, $1::text, $2, $2->>'a', '-infinity'::timestamptz",
                    [
                        .timestamp(microseconds: moment), .json(#"{"a": "☃"}"#),
                    ]
                ).only()
                #expect(try row.timestamp(0) == moment)
                #expect(try row.text(1) == "2026-01-01 00:00:00.123456+00")
                #expect(try row.text(2) == #"{"a": "☃"}"#)
                #expect(try row.text(3) == "☃")
                #expect(throws: PostgresError.self) { try row.timestamp(4) }
            }
        }
    }

    @Test func arraysComeBackAsTheyWent() async throws {
        let texts: [String?] = ["", nil, "NULL", "a,b", #"q"uo'te"#, #"back\slash"#, "{}", "☃", "  "]
        let numbers: [Int64?] = [.min, nil, 0, .max]
        let uuids: [PostgresUUID?] = [PostgresUUID(high: 1, low: 2), nil, PostgresUUID(high: .max, low: 0)]
        let blobs: [[UInt8]?] = [[], nil, [0, 255, 92]]
        try await withPool { pool in
            try await pool.read { session in
                let row = try session.query(
                    "SELECT $1, $2, $3, $4, $5, $6",
                    [
                        .textArray(texts), .int64Array(numbers), .uuidArray(uuids), .bytesArray(blobs),
                        .boolArray([true, nil, false]), .int64Array([]),
                    ]
                ).only()
                #expect(try row.textArray(0) == texts)
                #expect(try row.int64Array(1) == numbers)
                #expect(try row.uuidArray(2) == uuids)
                #expect(try row.bytesArray(3) == blobs)
                #expect(try row.boolArray(4) == [true, nil, false])
                #expect(try row.int64Array(5) == [])
            }
        }
    }

    @Test func arraysWriteManyRowsAndFindThem() async throws {
        try await withPool { pool in
            let found = try await pool.transaction { session in
                try session.script("CREATE TYPE mood AS ENUM ('sad', 'ok')")
                try session.script("CREATE TABLE t (id bigint, m mood, j jsonb)")
                let count = try session.execute(
                    "INSERT INTO t SELECT * FROM unnest($1::bigint[], $2::text[]::mood[], $3::jsonb[])",
                    [
                        .int64Array([1, 2, 3]), .textArray(["sad", "ok", nil]), .jsonArray(["[1]", nil, "{}"]),
                    ])
                #expect(count == 3)
                let sql = "SELECT id, m, j FROM t WHERE id = ANY($1) ORDER BY id"
                return try session.query(sql, [.int64Array([1, 3, 9])]).rows.map {
                    "\(try $0.int64(0)) \(try $0.optionalText(1) ?? "-") \(try $0.optionalText(2) ?? "-")"
                }
            }
            #expect(found == ["1 sad [1]", "3 - {}"])
        }
    }

    @Test func mismatchesNameTheColumn() async throws {
        try await withPool { pool in
            try await pool.read { session in
                let result = try session.query("SELECT 'x'::text AS title, NULL::bigint AS count, 1.5 AS exact")
                let row = try result.only()
                let text = "column 0 (title) has type 25 where an integer was expected"
                #expect(throws: PostgresError.unexpectedValue(text)) { try row.int64(0) }
                let null = "column 1 (count) is NULL where a value was expected"
                #expect(throws: PostgresError.unexpectedValue(null)) { try row.int64(1) }
                #expect(throws: PostgresError.self) { try row.text(2) }
                #expect(throws: PostgresError.unexpectedValue("column 7 (out of range) does not exist")) {
                    try row.text(7)
                }
                #expect(throws: PostgresError.unexpectedValue("column -1 (out of range) does not exist")) {
                    try row.optionalText(-1)
                }
                #expect(throws: PostgresError.unexpectedValue("expected one row, got 0")) {
                    try session.query("SELECT 1 WHERE false").only()
                }
            }
        }
    }
}
