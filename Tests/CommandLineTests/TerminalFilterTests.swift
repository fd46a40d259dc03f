import Testing

@testable import mini_ci

@Suite struct TerminalFilterTests {
    private func filtered(_ text: String) -> String {
        var filter = TerminalFilter()
        return String(decoding: filter(Array(text.utf8)), as: UTF8.self)
    }

    @Test(arguments: [
        ("plain\ttext\r\n", "plain\ttext\r\n"), ("\u{1B}[1;31mred\u{1B}[0m", "\u{1B}[1;31mred\u{1B}[0m"),
        ("\u{1B}[38:5:208mcolons\u{1B}[m", "\u{1B}[38:5:208mcolons\u{1B}[m"), ("a\u{1B}[2Jb", "ab"),
        ("a\u{1B}[?25lb", "ab"), ("a\u{1B}[>4;2mb", "ab"), ("a\u{1B}]0;title\u{7}b", "ab"),
        ("a\u{1B}]52;c;Zm9v\u{1B}\\b", "ab"), ("a\u{1B}Pq#0\u{1B}\\b", "ab"), ("a\u{1B}(Bb", "ab"), ("a\u{1B}cb", "ab"),
        ("a\u{1B}7b", "ab"), ("a\u{7}b\u{8}c\u{7F}", "a^Gb^Hc^?"), ("a\u{0}b", "a^@b"), ("a\u{9B}2Jb", "ab"),
        ("a\u{85}b", "a\u{FFFD}b"), ("é ü 漢 🎉 \u{A0}", "é ü 漢 🎉 \u{A0}"), ("a\u{1B}]unfinished\nb", "a\nb"),
        ("a\u{1B}\u{1B}[31mb", "a\u{1B}[31mb"), ("a\u{1B}[3\nb", "a\nb"),
    ])
    func onlyHarmlessThingsPass(text: String, expected: String) {
        #expect(filtered(text) == expected)
    }

    @Test func aSequenceMayBeCutAnywhere() {
        let bytes = Array("x\u{1B}]0;t\u{1B}\\y\u{1B}[31mz\u{9B}2J\u{85}é\u{1B}(B!".utf8)
        var whole = TerminalFilter()
        let expected = whole(bytes)
        for cut in 0...bytes.count {
            var filter = TerminalFilter()
            #expect(filter(bytes[..<cut]) + filter(bytes[cut...]) == expected, "cut at \(cut)")
        }
    }

    @Test func anEndlessSequenceEnds() {
        let shown = filtered("\u{1B}[" + String(repeating: "1", count: 1000) + "m")
        #expect(!shown.contains("\u{1B}"))
    }

    @Test func namesStayOnOneLine() {
        #expect("a\u{1B}[31m\nb\u{202E}c".onOneLine == "a [31m ⏎ b c")
    }
}
