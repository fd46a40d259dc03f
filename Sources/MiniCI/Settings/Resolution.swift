import BuildDomain

/// Where a setting's value came from.
public enum SettingOrigin: Sendable, Hashable, CustomStringConvertible {
    case flag(String)
    case environment(String)
    case file(String)
    case standard

    public var description: String {
        switch self {
        case .flag(let name): "--\(name)"
        case .environment(let name): name
        case .file(let path): path
        case .standard: "default"
        }
    }
}

/// A setting with its value as text, fit for printing: secrets are replaced.
public struct ResolvedSetting: Sendable, Hashable {
    public let info: SettingInfo
    public let value: String
    public let origin: SettingOrigin
}

/// Settings that are no use. The description has a sentence for each.
public struct SettingsError: Error, Sendable, Hashable, CustomStringConvertible {
    public let problems: [String]
    public var description: String { problems.joined(separator: "\n") }

    public init(_ problems: String...) { self.problems = problems }
    init(problems: [String]) { self.problems = problems }
}

/// What was said on the command line, by setting.
public struct SettingFlags: Sendable, Hashable {
    private(set) var values: [String: String] = [:]

    public init() {}

    /// Notes what came after the setting's flag; `nil` where the flag was not there.
    public mutating func set<Value>(_ setting: Setting<Value>, to text: String?) {
        if let text { values[setting.info.name] = text }
    }

    public mutating func set(_ setting: Setting<Bool>, to value: Bool?) {
        if let value { values[setting.info.name] = String(value) }
    }

    /// For a flag that may come several times.
    public mutating func set(_ setting: Setting<Set<Label>>, to texts: [String]) {
        if !texts.isEmpty { values[setting.info.name] = texts.joined(separator: ",") }
    }
}

/// Finds values (flag, then environment, then default) and keeps account of where they came from and what was wrong.
struct Resolver {
    let context: SettingContext
    let flags: SettingFlags
    var problems: [String] = []
    var resolved: [ResolvedSetting] = []

    mutating func value<Value>(_ setting: Setting<Value>) -> Value {
        value(setting) { (setting.fallback($0), .standard) }
    }

    mutating func value<Value>(
        _ setting: Setting<Value>, else fallback: (SettingContext) -> (Value, SettingOrigin)
    ) -> Value {
        let (value, origin) = said(setting) ?? fallback(context)
        resolved.append(ResolvedSetting(info: setting.info, value: setting.show(value), origin: origin))
        return value
    }

    private mutating func said<Value>(_ setting: Setting<Value>) -> (Value, SettingOrigin)? {
        let info = setting.info
        // What a command does not use cannot be wrong for it.
        guard info.commands.contains(context.command) else { return nil }
        let text: String
        let origin: SettingOrigin
        if let flag = flags.values[info.name] {
            (text, origin) = (flag, .flag(info.flag))
        } else if let variable = context.environment[info.environment], !variable.isEmpty {
            (text, origin) = (variable, .environment(info.environment))
        } else {
            return nil
        }
        do { return (try setting.parse(text), origin) } catch {
            let came =
                info.isSecret ? "something else (not shown, it may be secret)" : text.prefix(200).debugDescription
            problems.append("\(origin): expected \(error.expected), got \(came)")
            return nil
        }
    }
}
