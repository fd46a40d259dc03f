import Testing

@testable import MiniCI

@Suite struct CatalogueTests {
    @Test func everySettingOfACommandIsInTheCatalogue() throws {
        let resolved = try settings(.doctor).resolved.map(\.info.name)
        #expect(resolved.sorted() == Catalogue.all.map(\.name).sorted())
    }

    @Test func namesAreUniqueAndInTheHouseStyle() {
        #expect(Set(Catalogue.all.map(\.name)).count == Catalogue.all.count)
        #expect(Set(Catalogue.all.map(\.environment)).count == Catalogue.all.count)
        for setting in Catalogue.all {
            #expect(setting.environment.hasPrefix("MINI_CI_"))
            #expect(setting.environment == setting.environment.uppercased())
            #expect(setting.flag == setting.flag.lowercased())
            #expect(!setting.meaning.isEmpty && !setting.meaning.hasSuffix("."))
            #expect(setting.help.contains(setting.environment))
        }
    }

    @Test func noCommandHasTwoSettingsOfOneFlag() {
        for command in SettingsCommand.allCases where command != .doctor {
            let flags = Catalogue.all.filter { $0.commands.contains(command) }.map(\.flag)
            #expect(Set(flags).count == flags.count, "\(command)")
        }
    }

    @Test func numbersSayTheirUnit() {
        for setting in Catalogue.all where ["_MS", "_S", "_BYTES"].contains(where: setting.environment.hasSuffix) {
            #expect(setting.unit != nil, "\(setting.name)")
        }
    }
}
