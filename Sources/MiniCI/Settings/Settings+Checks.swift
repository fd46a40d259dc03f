extension Settings {
    /// Values that are right by themselves and wrong together.
    var contradictions: [String] {
        var problems: [String] = []
        func expect(_ holds: Bool, _ first: SettingInfo, _ relation: String, _ second: SettingInfo) {
            guard !holds else { return }
            problems.append(
                "\(shown(first)) must be \(relation) \(shown(second))")
        }
        if command == .up {
            // One renewal may get lost without the work being declared lost.
            expect(
                renewMilliseconds * 2 <= leaseMilliseconds, Catalogue.renewMilliseconds.info, "at most half of",
                Catalogue.leaseMilliseconds.info)
        }
        if command == .up || command == .server {
            expect(
                defaultTimeoutSeconds <= maximumTimeoutSeconds, Catalogue.defaultTimeoutSeconds.info, "at most",
                Catalogue.maximumTimeoutSeconds.info)
        }
        return problems
    }

    private func shown(_ info: SettingInfo) -> String {
        let value = resolved.first { $0.info == info }
        return "\(info.environment) (\(value?.value ?? "?") by \(value?.origin.description ?? "?"))"
    }

    /// The database, for commands that cannot do without.
    public func requiredDatabaseURL() throws(SettingsError) -> String {
        guard let databaseURL else {
            throw SettingsError(
                "no database is named; give --database-url postgres://… or set MINI_CI_DATABASE_URL. "
                    + "On one machine `mini-ci up` needs none")
        }
        return databaseURL
    }
}
