import APISchema
import BuildDomain

/// Takes a JSON object apart and notes everything that is wrong with it, so that one answer names all of it.
struct ObjectReader {
    private let members: [String: JSONValue]
    private(set) var problems: [FieldProblem] = []

    /// - Parameter known: the keys the object may have.
    /// - Throws: a problem where `body` is no object.
    init(_ body: JSONValue, known: [String]) throws(APIFailure) {
        guard case .object(let members) = body else {
            throw .invalidBody([FieldProblem(field: "", message: "must be a JSON object, not \(body.kind)")])
        }
        self.members = members
        for key in members.keys.sorted() where !known.contains(key) {
            note(key, "is not known here. " + suggestion(for: key, among: known))
        }
    }

    mutating func note(_ field: String, _ message: String) {
        problems.append(FieldProblem(field: field, message: message))
    }

    /// Throws what was noted so far.
    func check() throws(APIFailure) {
        if !problems.isEmpty { throw .invalidBody(problems) }
    }

    /// A text that must be there; empty where it is not, and noted.
    mutating func text(_ key: String) -> String {
        switch members[key] {
        case .string(let text): return text
        case nil, .null: note(key, "is missing; expected a string")
        case let other?: note(key, "must be a string, not \(other.kind)")
        }
        return ""
    }

    mutating func integer(_ key: String) -> Int? {
        switch members[key] {
        case nil, .null: return nil
        case .integer(let value): return value
        case .number(let value): note(key, "must be a whole number of at most 64 bits; got \(value)")
        case let other?: note(key, "must be a whole number, not \(other.kind)")
        }
        return nil
    }

    mutating func texts(_ key: String) -> [String]? {
        switch members[key] {
        case nil, .null: return nil
        case .array(let items):
            return items.enumerated().compactMap { index, item in
                guard case .string(let text) = item else {
                    note("\(key)[\(index)]", "must be a string, not \(item.kind)")
                    return nil
                }
                return text
            }
        case let other?:
            note(key, "must be an array of strings, not \(other.kind)")
            return nil
        }
    }

    mutating func retryRule(_ key: String) -> RetryRule? {
        switch members[key] {
        case nil, .null: return nil
        case .object(let values):
            for name in values.keys.sorted() where name != "exit_codes" && name != "reasons" {
                note("\(key).\(name)", "is not known here; expected exit_codes and reasons")
            }
            return RetryRule(
                exitCodes: items(values["exit_codes"], "\(key).exit_codes", "a whole number") { item in
                    if case .integer(let code) = item { code } else { nil }
                },
                reasons: items(values["reasons"], "\(key).reasons", "a reason such as 'timeout'") { item in
                    if case .string(let word) = item { Reason(rawValue: word) } else { nil }
                })
        case let other?:
            note(key, "must be an object with exit_codes and reasons, not \(other.kind)")
            return nil
        }
    }

    private mutating func items<Item>(
        _ value: JSONValue?, _ field: String, _ expected: String, _ read: (JSONValue) -> Item?
    ) -> [Item] {
        switch value {
        case nil: return []
        case .array(let values):
            return values.enumerated().compactMap { index, value in
                let item = read(value)
                if item == nil { note("\(field)[\(index)]", "must be \(expected)") }
                return item
            }
        case let other?:
            note(field, "must be an array, not \(other.kind)")
            return []
        }
    }

    mutating func dictionary(_ key: String) -> [String: String]? {
        switch members[key] {
        case nil, .null: return nil
        case .object(let values):
            var texts: [String: String] = [:]
            for (name, value) in values.sorted(by: { $0.key < $1.key }) {
                if case .string(let text) = value {
                    texts[name] = text
                } else {
                    note("\(key).\(name)", "must be a string, not \(value.kind); write numbers and booleans in quotes")
                }
            }
            return texts
        case let other?:
            note(key, "must be an object of strings, not \(other.kind)")
            return nil
        }
    }
}
