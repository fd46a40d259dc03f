import BuildDomain

/// A store whose builds can all be found, also those that are not whole any more.
public protocol HistoryStore: BuildStore, LogStore {
    /// The ids of builds as they are stored, greatest first: of each that has a row, and of each that has nothing left
    /// but events. Text and not ``BuildID``, because a damaged one must not hide those that follow.
    /// - Parameters:
    ///   - key: only ids less than this one.
    ///   - limit: the most to return.
    func storedIDs(before key: String?, limit: Int) async throws(StoreError) -> [String]
}
