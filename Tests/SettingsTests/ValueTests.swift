import Testing

@testable import MiniCI

@Suite struct ValueTests {
    @Test(arguments: [
        ("MINI_CI_PORT", "abc", "MINI_CI_PORT: expected a whole number from 0 to 65535, got \"abc\""),
        ("MINI_CI_PORT", "65536", "MINI_CI_PORT: expected a whole number from 0 to 65535, got \"65536\""),
        ("MINI_CI_DEVELOPMENT", "maybe", "MINI_CI_DEVELOPMENT: expected true or false, got \"maybe\""),
        (
            "MINI_CI_HOST", "a b",
            "MINI_CI_HOST: expected an address or host name such as 127.0.0.1, 0.0.0.0 or ::1, got \"a b\""
        ),
        (
            "MINI_CI_LONG_POLL_MS", "0",
            "MINI_CI_LONG_POLL_MS: expected 100 to 600000 milliseconds, as a number or as in "
                + "\(Quantity.milliseconds.example), got \"0\""
        ),
        ("MINI_CI_CAPACITY", "0", "MINI_CI_CAPACITY: expected a whole number from 1 to 1000, got \"0\""),
        (
            "MINI_CI_SERVER", "localhost",
            "MINI_CI_SERVER: expected an address such as http://127.0.0.1:8000 or https://ci.example, got \"localhost\""
        ),
        (
            "MINI_CI_LOG_LEVEL", "loud",
            "MINI_CI_LOG_LEVEL: expected one of trace, debug, info, notice, warning, error, critical, got \"loud\""
        ),
    ])
    func aWrongValueIsNamedWithWhatWasExpected(name: String, value: String, message: String) {
        let error = #expect(throws: SettingsError.self) { try settings(.doctor, [name: value]) }
        #expect(error?.problems == [message])
    }

    @Test func everyWrongValueIsTold() {
        var flags = SettingFlags()
        flags.set(Catalogue.host, to: "")
        flags.set(Catalogue.leaseMilliseconds, to: "5 weeks")
        let error = #expect(throws: SettingsError.self) { try settings(.up, ["MINI_CI_PORT": "x"], flags) }
        #expect(error?.problems.count == 3)
        #expect(error?.description.contains("--lease: expected 100 to 3600000 milliseconds") == true)
    }

    @Test func secretsAreNeverRepeated() throws {
        let environment = ["MINI_CI_TOKEN": "geheim wort", "MINI_CI_DATABASE_URL": "mysql://u:geheim@h/d"]
        let error = #expect(throws: SettingsError.self) { try settings(.token, environment) }
        #expect(error?.problems.count == 2)
        #expect(error?.description.contains("geheim") == false)
        let good = try settings(
            .token,
            ["MINI_CI_TOKEN": "mci_geheim_geheim", "MINI_CI_DATABASE_URL": "postgres://u:geh@eim@h/d?password=geheim"])
        #expect(good.databaseURL == "postgres://u:geh@eim@h/d?password=geheim")
        #expect(good.resolved.allSatisfy { !$0.value.contains("geh") })
    }

    @Test(arguments: [
        ("postgres://u@h/d", "postgres://u@h/d"), ("postgres://u:p@h/d", "postgres://u:***@h/d"),
        ("postgres://u:p@q@h/d", "postgres://u:***@h/d"), ("postgres://h:5432/d", "postgres://h:5432/d"),
        ("postgres://h/d?a=b&password=p&c", "postgres://h/d?a=b&password=***&c"),
        ("postgres:///d?host=/run&sslpassword=p", "postgres:///d?host=/run&sslpassword=***"),
    ])
    func passwordsAreReplaced(url: String, shown: String) {
        #expect(Redaction.withoutPassword(url) == shown)
    }

    @Test(arguments: [
        (Quantity.milliseconds, "20000", 20_000), (.milliseconds, "20s", 20_000), (.milliseconds, "5 m", 300_000),
        (.seconds, "90", 90), (.seconds, "30m", 1800), (.seconds, "2h", 7200), (.seconds, "30d", 2_592_000),
        (.bytes, "64MiB", 67_108_864), (.bytes, "1 GiB", 1_073_741_824), (.bytes, "0", 0),
    ])
    func quantitiesHaveUnits(scale: Quantity, text: String, value: Int) {
        #expect(scale.parse(text) == value)
    }

    @Test(arguments: [
        "", "s", "-1", "1.5h", "1 fortnight", "10ms", "99999999999999999999", "9223372036854775807d", "٣",
    ])
    func whatIsNoQuantityIsNone(text: String) {
        #expect(Quantity.seconds.parse(text) == nil)
    }

    @Test func valuesThatContradictEachOtherAreTold() {
        let error = #expect(throws: SettingsError.self) {
            try settings(.up, ["MINI_CI_LEASE_MS": "1000", "MINI_CI_RENEW_MS": "600"])
        }
        #expect(
            error?.problems == [
                "MINI_CI_RENEW_MS (600 by MINI_CI_RENEW_MS) must be at most half of MINI_CI_LEASE_MS (1000 by "
                    + "MINI_CI_LEASE_MS)"
            ])
        #expect(throws: SettingsError.self) { try settings(.server, ["MINI_CI_MAX_TIMEOUT_S": "60"]) }
    }
}
