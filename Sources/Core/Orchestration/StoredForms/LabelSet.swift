import BuildDomain

/// A set of labels as a column holds it: a sorted list, so that equal sets have equal texts and an index can group
/// them.
package enum LabelSet {
    package static func text(of labels: Set<Label>) -> String {
        JSONText.strings(labels.sorted().map(\.description)).text
    }

    package static func labels(_ json: JSONText) -> Set<Label>? {
        json.strings.map { Set($0.map(Label.init(accepted:))) }
    }
}
