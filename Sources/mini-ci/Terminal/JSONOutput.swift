import Foundation

/// JSON for machines, on standard output.
enum JSONOutput {
    /// One value over several lines.
    static func show(_ value: some Encodable) throws { try write(value, [.prettyPrinted]) }

    /// One value on one line, for sequences of them.
    static func line(_ value: some Encodable) throws { try write(value, []) }

    private static func write(_ value: some Encodable, _ formatting: JSONEncoder.OutputFormatting) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = formatting.union([.sortedKeys, .withoutEscapingSlashes])
        Output.write(Array(try encoder.encode(value)) + [UInt8(ascii: "\n")])
    }
}
