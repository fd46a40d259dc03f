import BuildDomain
import Testing

@testable import mini_ci

@Suite struct TextTests {
    @Test func columnsAreAlignedAndTheLastIsCutToTheWidth() {
        var table = Table(header: ["A", "LONG", "C"])
        table.rows = [["1", "2", "a\nlong last cell"], ["1234", "", ""]]
        #expect(table.lines(width: nil) == ["A     LONG  C", "1     2     a ⏎ long last cell", "1234"])
        #expect(table.lines(width: 16) == ["A     LONG  C", "1     2     a ⏎…", "1234"])
    }

    @Test(arguments: [
        (0, "just now"), (999, "just now"), (12_000, "12 s ago"), (180_000, "3 min ago"), (7_200_000, "2 h ago"),
        (200_000_000, "2 d ago"), (-5000, "just now"),
    ])
    func agesAreRelative(milliseconds: Int64, text: String) {
        #expect(Timestamp(milliseconds: 0).age(at: Timestamp(milliseconds: milliseconds)) == text)
    }

    @Test(arguments: [
        (0, "0.00 s"), (350, "0.35 s"), (9994, "9.99 s"), (12_345, "12.3 s"), (200_000, "3 min 20 s"),
        (7_500_000, "2 h 5 min"), (-1, "0.00 s"),
    ])
    func durationsAreReadable(milliseconds: Int64, text: String) {
        #expect(Duration.milliseconds(milliseconds).words == text)
    }

    @Test func interruptsAskThenCancelThenLeave() {
        var asking = InterruptPolicy(canAsk: true)
        #expect((0..<4).map { _ in asking.next(.interrupt) } == [.ask, .cancel, .leave, .leave])
        var alone = InterruptPolicy(canAsk: false)
        #expect((0..<2).map { _ in alone.next(.interrupt) } == [.cancel, .leave])
        var leaving = InterruptPolicy(canAsk: true)
        #expect(leaving.next(.quit) == .leave)
    }

    @Test func variablesAreGivenOrInherited() throws {
        let parsed = try Variables.parse(["A=1", "B=", "C=x=y", "HOME"], inherited: ["HOME": "/h"])
        #expect(parsed == ["A": "1", "B": "", "C": "x=y", "HOME": "/h"])
        #expect(throws: (any Error).self) { try Variables.parse(["NOT_THERE"], inherited: [:]) }
        #expect(throws: (any Error).self) { try Variables.parse(["=1"], inherited: [:]) }
    }

    @Test func idsMayBeShortened() throws {
        let ids = [BuildID(high: 0x0199_0000_0000_7000, low: 1), BuildID(high: 0x0199_0000_0000_7000, low: 0xAB01)]
        #expect(try BuildLookup.choose("00ab01", among: ids) == ids[1])
        #expect(throws: CommandFailure.self) { try BuildLookup.choose("0199", among: ids) }
        #expect(throws: CommandFailure.self) { try BuildLookup.choose("ffff", among: ids) }
        #expect(ids[1].short == "00000000ab01")
    }

    @Test(arguments: [
        ("https://example.com/a.git", true), ("git@example.com:a.git", true), ("ssh://h/a", true), (".", false),
        ("/srv/a", false), ("./a:b", false), ("../x", false),
    ])
    func addressesAreToldFromFolders(text: String, isRemote: Bool) {
        #expect(RepositoryArgument.isRemote(text) == isRemote)
    }
}
