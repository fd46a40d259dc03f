@testable import MiniCI

/// Settings on a machine that is always the same.
func settings(
    _ command: SettingsCommand, _ environment: [String: String] = [:], _ flags: SettingFlags = SettingFlags(),
    files: [String: String] = [:]
) throws(SettingsError) -> Settings {
    try Settings(for: command, flags: flags, environment: environment, facts: machine(files))
}

func machine(_ files: [String: String] = [:]) -> HostFacts {
    HostFacts(cores: 6, hostName: "box", homeFolder: "/home/anna", workingFolder: "/work", read: { files[$0] })
}
