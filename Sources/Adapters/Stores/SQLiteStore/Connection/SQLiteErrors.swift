import GRDB
import GRDBSQLite
import Orchestration

extension StoreError {
    /// What an SQLite result code means to the caller: come back later, or something is wrong with the data.
    init(sqliteCode code: Int32, message: String) {
        switch code & 0xFF {
        case SQLITE_BUSY, SQLITE_LOCKED:
            self = .unavailable("the database is locked by another process (\(message))")
        case SQLITE_FULL:
            self = .unavailable("the disk that holds the database is full (\(message))")
        case SQLITE_IOERR, SQLITE_CANTOPEN, SQLITE_READONLY, SQLITE_PERM, SQLITE_NOMEM, SQLITE_INTERRUPT:
            self = .unavailable("the database file cannot be read or written (\(message), SQLite code \(code))")
        default:
            self = .broken("\(message) (SQLite code \(code))")
        }
    }

    init(sqlite error: any Error) {
        if let error = error as? StoreError {
            self = error
        } else if let error = error as? DatabaseError {
            self.init(sqliteCode: error.extendedResultCode.rawValue, message: error.message ?? "no message")
        } else {
            self = .broken("\(error)")
        }
    }
}
