/// A value from outside that was refused: which field, and what was expected and came, as the rest of a sentence about
/// it.
public struct InvalidInput: Error, Hashable, Sendable, CustomStringConvertible {
    public var field: String
    public var message: String

    public init(field: String, message: String) {
        self.field = field
        self.message = message
    }

    public var description: String { "\(field) \(message)" }
}
