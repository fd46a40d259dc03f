/// A sentence that helps after a misspelt word: the nearest known one, or all of them.
func suggestion(for word: String, among known: [String]) -> String {
    let allowed = max(1, word.count / 3)
    let nearest = known.map { (name: $0, distance: editDistance(word.lowercased(), $0, limit: allowed)) }
        .filter { $0.distance <= allowed }
        .min { $0.distance < $1.distance }
    if let nearest { return "Did you mean '\(nearest.name)'?" }
    if known.isEmpty { return "None are known here" }
    return "Known are " + known.sorted().joined(separator: ", ")
}

/// How many characters must be added, removed or replaced (Levenshtein); more than `limit` where it is surely more.
private func editDistance(_ left: String, _ right: String, limit: Int) -> Int {
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
