import BuildDomain
import Testing
import TestSupport

@Suite struct IdentifierTests {
    @Test func theLayoutIsThatOfUUIDv7() {
        // The example of RFC 9562, appendix A.6.
        let id = BuildID(
            at: Timestamp(milliseconds: 1_645_557_742_000), random: (0xCC3, 0x18C4_DC0C_0C07_398F))
        #expect(id.description == "017f22e2-79b0-7cc3-98c4-dc0c0c07398f")
    }

    @Test func surplusRandomBitsAreIgnored() {
        let id = BuildID(at: Timestamp(milliseconds: 0), random: (.max, .max))
        #expect(id.description == "00000000-0000-7fff-bfff-ffffffffffff")
    }

    @Test func timesBefore1970AreTheBeginning() {
        let id = BuildID(at: Timestamp(milliseconds: -5), random: (0, 0))
        #expect(id.description == "00000000-0000-7000-8000-000000000000")
    }

    @Test func idsOrderByTimeAndTheirTextsDoToo() {
        var generator = SeededGenerator(seed: 7)
        var previous: BuildID?
        for step in 0..<2000 {
            let time = Timestamp(milliseconds: 1_769_850_300_000 + Int64(step))
            let id = BuildID(at: time, random: (generator.next(), generator.next()))
            if let previous {
                #expect(previous < id)
                #expect(previous.description < id.description)
            }
            previous = id
        }
    }

    @Test func textsOfAnyVersionAndCaseComeBack() {
        var generator = SeededGenerator(seed: 8)
        for _ in 0..<1000 {
            let id = JobID(high: generator.next(), low: generator.next())
            #expect(JobID(id.description) == id)
            #expect(JobID(id.description.uppercased()) == id)
            #expect(id.description.utf8.count == 36)
        }
    }

    @Test(arguments: [
        "", "017f22e2", "017f22e279b07cc398c4dc0c0c07398f", "017f22e2-79b0-7cc3-98c4-dc0c0c07398",
        "017f22e2-79b0-7cc3-98c4-dc0c0c07398f0", "017f22e2-79b0-7cc3-98c4-dc0c0c07398g",
        "017f22e2_79b0_7cc3_98c4_dc0c0c07398f", "{017f22e2-79b0-7cc3-98c4-dc0c0c07398f}",
        " 17f22e2-79b0-7cc3-98c4-dc0c0c07398f", "017f22e2-79b0-7cc3-98c4-dc0c0c07398\u{0}",
        "0-17f22e279b0-7cc3-98c4-dc0c0c07398f", "０17f22e2-79b0-7cc3-98c4-dc0c0c07398f",
    ])
    func otherTextsAreNone(text: String) {
        #expect(BuildID(text) == nil)
    }
}
