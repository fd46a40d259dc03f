import Testing

@Suite struct ScannerTests {
    private func code(_ text: String) -> String { String(decoding: CodeMask.code(of: text), as: UTF8.self) }

    @Test func commentsAreNoCode() {
        #expect(code("a // b!\nc") == "a      \nc")
        #expect(code("a /* b /* c */ d\n*/ e") == "a               \n   e")
    }

    @Test func stringsAreNoCodeButWhatTheyInterpolateIs() {
        #expect(code(#"f("try! \" x") + y"#) == #"f("         ") + y"#)
        #expect(code(#""a \(b!) c" d"#) == #""   (b!)  " d"#)
        #expect(code(#""\(f("(", g(1)!))" d"#) == #"" (f(" ", g(1)!))" d"#)
    }

    @Test func rawAndMultilineStringsEndAtTheirOwnFence() {
        #expect(code(##"#"a" \(b) \#(c)"# d"##) == ##"#"          (c)"# d"##)
        #expect(code("\"\"\"\n\"x\" y!\n\"\"\" z") == "\"\"\"\n      \n\"\"\" z")
    }

    @Test func regexLiteralsAreNoCodeAndDivisionIs() {
        #expect(code(#"let p = /a"b!\/c/ + d"#) == #"let p = /       / + d"#)
        #expect(code("let q = a / b! / c") == "let q = a / b! / c")
        #expect(code("reduce(1, /) + x / y!") == "reduce(1, /) + x / y!")
    }

    @Test func wordsKnowTheirLineAndNeighbours() throws {
        let words = Word.all(in: CodeMask.code(of: "a\n.b(c)"))
        #expect(words.map(\.text) == ["a", "b", "c"])
        let b = try #require(words.dropFirst().first)
        #expect(b.line == 2 && b.before == UInt8(ascii: ".") && b.after == UInt8(ascii: "("))
    }

    @Test func aFunctionIsAsLongAsItsBody() {
        let source = """
            protocol P {
                func required(_ a: Int) throws
                var named: Int { get }
            }
            struct S {
                var stored = make { 1 }
                func f(
                    _ block: () -> Void = { }
                ) async throws
                    -> [Int]
                where Self: P {
                    one()
                    let text = "}"
                }
                init?() { self.init(1) }
            }
            """
        let bodies = FunctionBody.all(in: CodeMask.code(of: source))
        #expect(bodies.map(\.length) == [1, 4, 1])
        #expect(bodies.map(\.line) == [3, 11, 15])
    }

    @Test func onlyABodyThatIsOneSwitchIsATable() {
        func isTable(_ body: String) -> Bool? {
            FunctionBody.all(in: CodeMask.code(of: "func f() -> Int {\n\(body)\n}")).first?.isTable
        }
        #expect(isTable("switch x {\ncase 1: 2\ndefault: g { 3 }\n}") == true)
        #expect(isTable("switch x {\ncase 1: 2\n}\nreturn 3") == false)
        #expect(isTable("let y = x\nswitch y {\n}") == false)
    }
}
