/// The commands, as far as they differ in the settings they use.
public enum SettingsCommand: String, Sendable, Hashable, CaseIterable {
    case up, server, worker, migrate, token, verify, backup
    /// Everything that only talks to a server: submit, builds, show, logs, cancel, workers.
    case client
    /// Looks at every setting.
    case doctor
}
