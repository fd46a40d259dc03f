/// Finds what somebody may have meant.
public enum Nearest {
    /// The word that takes the fewest changes, where a third of the letters is enough.
    /// - Parameter least: so many changes are allowed however short the word is.
    public static func word(to word: String, among known: some Sequence<String>, least: Int = 1) -> String? {
        let allowed = max(least, word.utf8.count / 3)
        return known.map { (name: $0, distance: distance(word.lowercased(), $0.lowercased(), limit: allowed)) }
            .filter { $0.distance <= allowed }
            .min { ($0.distance, $0.name) < ($1.distance, $1.name) }?.name
    }

    /// How many characters must be added, removed or replaced (Levenshtein); more than `limit` where it is surely more.
    private static func distance(_ left: String, _ right: String, limit: Int) -> Int {
        let left = Array(left.utf8)
        let right = Array(right.utf8)
        guard abs(left.count - right.count) <= limit else { return limit + 1 }
        var row = Array(0...right.count)
        for (index, byte) in left.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for column in right.indices {
                let replaced = diagonal + (byte == right[column] ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(replaced, row[column] + 1, row[column + 1] + 1)
            }
        }
        return row[right.count]
    }
}
