import APISchema

/// A sentence that helps after a misspelt word: the nearest known one, or all of them.
func suggestion(for word: String, among known: [String]) -> String {
    if let nearest = Spelling.nearest(to: word, among: known) { return "Did you mean '\(nearest)'?" }
    if known.isEmpty { return "None are known here" }
    return "Known are " + known.sorted().joined(separator: ", ")
}
