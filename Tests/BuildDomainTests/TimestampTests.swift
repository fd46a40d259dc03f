import BuildDomain
import Testing
import TestSupport

@Suite struct TimestampTests {
    @Test(arguments: [
        ("1970-01-01T00:00:00.000Z", 0), ("2026-01-31T09:05:00.250Z", 1_769_850_300_250),
        ("2000-02-29T23:59:59.999Z", 951_868_799_999), ("2000-03-01T00:00:00.000Z", 951_868_800_000),
        ("1969-12-31T23:59:59.999Z", -1), ("1900-02-28T00:00:00.000Z", -2_203_977_600_000),
        ("1900-03-01T00:00:00.000Z", -2_203_891_200_000), ("0000-01-01T00:00:00.000Z", -62_167_219_200_000),
        ("9999-12-31T23:59:59.999Z", 253_402_300_799_999),
    ])
    func textAndMillisecondsAreTheSame(text: String, milliseconds: Int64) {
        #expect(Timestamp(milliseconds: milliseconds).description == text)
        #expect(Timestamp(text)?.milliseconds == milliseconds)
    }

    @Test func everyTimeOfFourDigitYearsComesBack() {
        var generator = SeededGenerator(seed: 3)
        for _ in 0..<5000 {
            let milliseconds = Int64.random(in: -62_167_219_200_000...253_402_300_799_999, using: &generator)
            let time = Timestamp(milliseconds: milliseconds)
            #expect(Timestamp(time.description) == time)
        }
    }

    @Test func textsOrderAsTimesDo() {
        var generator = SeededGenerator(seed: 4)
        for _ in 0..<1000 {
            let pair = (0..<2).map { _ in
                Timestamp(milliseconds: .random(in: 0...253_402_300_799_999, using: &generator))
            }
            #expect((pair[0] < pair[1]) == (pair[0].description < pair[1].description))
        }
    }

    @Test(arguments: [
        ("2026-01-31T10:05:00+01:00", "2026-01-31T09:05:00.000Z"),
        ("2026-01-31T00:05:00-09:30", "2026-01-31T09:35:00.000Z"),
        ("2026-01-01T00:00:00+00:01", "2025-12-31T23:59:00.000Z"),
        ("2026-01-31t09:05:00z", "2026-01-31T09:05:00.000Z"),
        ("2026-01-31T09:05:00.1Z", "2026-01-31T09:05:00.100Z"),
        ("2026-01-31T09:05:00.123999999Z", "2026-01-31T09:05:00.123Z"),
        ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000Z"),
        ("2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000Z"),
    ])
    func otherFormsOfRFC3339AreRead(text: String, same: String) {
        #expect(Timestamp(text)?.description == same)
    }

    @Test(arguments: [
        "", "2026", "2026-01-31", "2026-01-31T09:05:00", "2026-01-31 09:05:00Z", "2026-13-01T00:00:00Z",
        "2026-00-01T00:00:00Z", "2026-01-00T00:00:00Z", "2026-01-32T00:00:00Z", "2026-02-29T00:00:00Z",
        "1900-02-29T00:00:00Z", "2026-04-31T00:00:00Z", "2026-01-31T24:00:00Z", "2026-01-31T00:60:00Z",
        "2026-01-31T00:00:61Z", "2026-01-31T00:00:00.Z", "2026-01-31T00:00:00+0100", "2026-01-31T00:00:00+24:00",
        "2026-01-31T00:00:00+01:60", "2026-01-31T00:00:00ZZ", " 2026-01-31T00:00:00Z", "2026-01-31T00:00:00Z\n",
        "-2026-01-31T00:00:00Z", "٢٠٢٦-٠١-٣١T00:00:00Z", "2026-01-31T00:00:00,5Z", "yesterday",
    ])
    func garbageIsRefused(text: String) {
        #expect(Timestamp(text) == nil)
    }

    @Test func arithmeticIsInWholeMilliseconds() {
        let time = Timestamp(milliseconds: 1000)
        #expect(time + .milliseconds(-1500) == Timestamp(milliseconds: -500))
        #expect(time + .microseconds(1999) == Timestamp(milliseconds: 1001))
        #expect(time - Timestamp(milliseconds: 4000) == .seconds(-3))
        #expect(Duration.seconds(-1.5).wholeMilliseconds == -1500)
    }

    @Test(arguments: [Int64.min, -62_167_219_200_001, 253_402_300_800_000, Int64.max])
    func aTimeThatTheFormHasNoPlaceForIsStillTold(milliseconds: Int64) {
        #expect("\(Timestamp(milliseconds: milliseconds))" == "\(milliseconds) ms")
    }
}
