import APIClient
import BuildDomain
import Testing

@testable import MiniCI

@Suite struct PrecedenceTests {
    @Test func flagsGoBeforeTheEnvironmentAndThatBeforeDefaults() throws {
        var flags = SettingFlags()
        let nothing = try settings(.up)
        #expect(nothing.port == 8000)
        #expect(nothing.origin(of: Catalogue.port.info) == .standard)
        let environment = try settings(.up, ["MINI_CI_PORT": "9000"])
        #expect(environment.port == 9000)
        #expect(environment.origin(of: Catalogue.port.info) == .environment("MINI_CI_PORT"))
        flags.set(Catalogue.port, to: "9001")
        let flag = try settings(.up, ["MINI_CI_PORT": "9000"], flags)
        #expect(flag.port == 9001)
        #expect(flag.origin(of: Catalogue.port.info) == .flag("port"))
    }

    @Test func anEmptyVariableIsNoVariable() throws {
        #expect(try settings(.up, ["MINI_CI_PORT": ""]).port == 8000)
    }

    @Test func whatACommandDoesNotUseCannotBeWrongForIt() throws {
        #expect(try settings(.client, ["MINI_CI_PORT": "nonsense"]).port == 8000)
        #expect(throws: SettingsError.self) { try settings(.doctor, ["MINI_CI_PORT": "nonsense"]) }
    }

    @Test func workerAndServerHaveTheirOwnPorts() throws {
        let environment = ["MINI_CI_PORT": "1", "MINI_CI_WORKER_PORT": "2"]
        #expect(try settings(.worker, environment).workerPort == 2)
        #expect(try settings(.worker, environment).port == 8000)
    }

    @Test func localRepositoriesAreOnWhereEverythingIsOneMachine() throws {
        #expect(try settings(.up).allowsLocalRepositories)
        #expect(try !settings(.server).allowsLocalRepositories)
        #expect(try !settings(.worker).allowsLocalRepositories)
        var flags = SettingFlags()
        flags.set(Catalogue.allowsLocalRepositories, to: false)
        #expect(try !settings(.up, [:], flags).allowsLocalRepositories)
    }

    @Test func defaultsComeFromTheMachine() throws {
        let settings = try settings(.worker)
        #expect(settings.capacity == 6)
        #expect(settings.workerName == "box")
        #expect(settings.dataFolder == "/home/anna/.local/share/mini-ci")
    }

    @Test(arguments: [
        (["XDG_DATA_HOME": "/data"], "/data/mini-ci"),
        (["XDG_DATA_HOME": "relative"], "/home/anna/.local/share/mini-ci"),
        (["MINI_CI_DATA": "here/"], "/work/here"), (["MINI_CI_DATA": "~/ci"], "/home/anna/ci"),
    ])
    func theDataFolderIsAbsolute(environment: [String: String], expected: String) throws {
        #expect(try settings(.up, environment).dataFolder == expected)
    }

    @Test func labelsComeOneByOneOrInAList() throws {
        var flags = SettingFlags()
        flags.set(Catalogue.labels, to: ["linux", "arch=arm64, gpu"])
        let labels = try settings(.worker, ["MINI_CI_LABELS": "other"], flags).labels
        #expect(labels.map(\.description).sorted() == ["arch=arm64", "gpu", "linux"])
    }
}
