/// What people need to know of a setting.
public struct SettingInfo: Sendable, Hashable {
    /// Of the property of ``Settings``.
    public let name: String
    /// One line that goes on after the name.
    public let meaning: String
    /// Of a plain number; `nil` where the value is none.
    public let unit: String?
    /// Without the two hyphens.
    public let flag: String
    /// Of the environment variable.
    public let environment: String
    /// For people; `-` where there is none.
    public let defaultText: String
    public let commands: Set<SettingsCommand>
    /// Never printed.
    public let isSecret: Bool

    /// For the help of a command line.
    public var help: String {
        let unit = unit.map { ", in \($0)" } ?? ""
        let fallback = defaultText == "-" ? "" : "; default: \(defaultText)"
        return "\(meaning)\(unit). (\(environment)\(fallback))"
    }
}

/// What a value should have been, as the rest of the sentence "expected …".
struct Expectation: Error, Equatable {
    var expected: String
}

/// What defaults may depend on.
struct SettingContext: Sendable {
    var command: SettingsCommand
    var environment: [String: String]
    var facts: HostFacts
}

/// One setting of the catalogue: its description, how text becomes a value, and which value it has when nobody says.
public struct Setting<Value: Sendable>: Sendable {
    public let info: SettingInfo
    let parse: @Sendable (String) throws(Expectation) -> Value
    let show: @Sendable (Value) -> String
    let fallback: @Sendable (SettingContext) -> Value

    init(
        _ name: String, _ meaning: String, unit: String? = nil, flag: String, environment: String,
        commands: Set<SettingsCommand>, isSecret: Bool = false, defaultText: String? = nil,
        parse: @escaping @Sendable (String) throws(Expectation) -> Value,
        show: @escaping @Sendable (Value) -> String = { "\($0)" },
        fallback: @escaping @Sendable (SettingContext) -> Value
    ) {
        self.parse = parse
        self.show = show
        self.fallback = fallback
        info = SettingInfo(
            name: name, meaning: meaning, unit: unit, flag: flag, environment: environment,
            defaultText: defaultText ?? "-", commands: commands.union([.doctor]), isSecret: isSecret)
    }

    /// With a default that is the same everywhere.
    init(
        _ name: String, _ meaning: String, unit: String? = nil, flag: String, environment: String,
        commands: Set<SettingsCommand>, value: Value, parse: @escaping @Sendable (String) throws(Expectation) -> Value
    ) {
        self.init(
            name, meaning, unit: unit, flag: flag, environment: environment, commands: commands,
            defaultText: "\(value)", parse: parse, fallback: { _ in value })
    }
}
