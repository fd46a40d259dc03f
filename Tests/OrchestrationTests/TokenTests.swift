import BuildDomain
import Crypto
import Orchestration
import TestSupport
import Testing

@Suite struct TokenTextTests {
    @Test func aTokenIsAPrefixAnd256Bits() {
        var seen: Set<TokenText> = []
        let entropy = SeededEntropy()
        for _ in 0..<200 {
            let token = TokenText(entropy: entropy)
            #expect(token.description.wholeMatch(of: /mci_[A-Za-z0-9_-]{43}/) != nil)
            seen.insert(token)
        }
        #expect(seen.count == 200)
    }

    @Test func theTextIsBase64URLOfTheBits() {
        #expect(TokenText(entropy: Constant(value: 0)).description == "mci_" + String(repeating: "A", count: 43))
        #expect(
            TokenText(entropy: Constant(value: .max)).description == "mci_" + String(repeating: "_", count: 42) + "8")
        let bytes = UInt64(littleEndian: 0x0807_0605_0403_0201)
        #expect(
            TokenText(entropy: Constant(value: bytes)).description == "mci_AQIDBAUGBwgBAgMEBQYHCAECAwQFBgcIAQIDBAUGBwg")
    }

    @Test(arguments: [
        ("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("fooba", "Zm9vYmE"),
        ("foobar", "Zm9vYmFy"), ("\u{FB}\u{FF}", "w7vDvw"), ("~~?", "fn4_"), ("~~>", "fn4-"),
    ])
    func base64URLIsThatOfTheRFC(text: String, encoded: String) {
        #expect(Base64URL.encode(text.utf8) == encoded)
        #expect(Base64URL.decode(encoded) == Array(text.utf8))
    }

    @Test(arguments: ["Z", "Zm9vY", "Zg==", "Zm+v", "Zm/v", "Zm 9", "ä"])
    func whatIsNoBase64URLIsNone(text: String) { #expect(Base64URL.decode(text) == nil) }

    @Test func theDigestIsSHA256OfTheText() {
        #expect(
            hexadecimal(TokenText(presented: "abc").digest)
                == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(TokenText(presented: "").digest.count == 32)
    }

    @Test func equalIsOnlyWhatIsEqual() {
        let bytes = Array(TokenText(presented: "x").digest)
        #expect(constantTimeEqual(bytes, bytes))
        #expect(constantTimeEqual([UInt8](), [UInt8]()))
        #expect(!constantTimeEqual(bytes, bytes.dropLast()))
        for index in bytes.indices {
            for bit in 0..<8 {
                var other = bytes
                other[index] ^= 1 << UInt8(bit)
                #expect(!constantTimeEqual(bytes, other))
            }
        }
    }

    private struct Constant: Entropy {
        let value: UInt64
        func random() -> UInt64 { value }
    }
}

@Suite struct AuthenticateTests {
    private let house = House()

    @Test func theBearerOfAValidTokenIsKnown() async throws {
        let made = try await house.services.manageTokens.create(name: "ci", role: .user, lifetime: nil)
        let principal = try await house.services.authenticate(made.text)
        #expect(principal?.token == made.token.id)
        #expect(principal?.name == "ci")
        #expect(principal?.role == .user)
    }

    @Test(arguments: ["", "mci_", "mci_AAAA", "Bearer x", "\u{0}"])
    func otherTextsAreNobody(text: String) async throws {
        #expect(try await house.services.authenticate(TokenText(presented: text)) == nil)
    }

    @Test func anAnswerIsBelievedForAShortWhile() async throws {
        let made = try await house.services.manageTokens.create(name: "ci", role: .user, lifetime: nil)
        for _ in 0..<10 { _ = try await house.services.authenticate(made.text) }
        #expect(house.store.tokenReads == 1)
        house.clock.advance(by: Authenticate.memory)
        _ = try await house.services.authenticate(made.text)
        #expect(house.store.tokenReads == 2)
    }

    @Test func aRevokedTokenWorksNoLongerThanTheMemory() async throws {
        let made = try await house.services.manageTokens.create(name: "ci", role: .user, lifetime: nil)
        #expect(try await house.services.authenticate(made.text) != nil)
        try await house.services.manageTokens.revoke(made.token.id)
        #expect(try await house.services.authenticate(made.text) != nil)
        house.clock.advance(by: Authenticate.memory)
        #expect(try await house.services.authenticate(made.text) == nil)
    }

    @Test func forgettingMakesARevocationWorkAtOnce() async throws {
        let made = try await house.services.manageTokens.create(name: "ci", role: .user, lifetime: nil)
        #expect(try await house.services.authenticate(made.text) != nil)
        try await house.services.manageTokens.revoke(made.token.id)
        house.services.authenticate.forget()
        #expect(try await house.services.authenticate(made.text) == nil)
    }

    @Test func anExpiredTokenIsNobodyEvenWhereItIsRemembered() async throws {
        let made = try await house.services.manageTokens.create(name: "ci", role: .user, lifetime: .seconds(1))
        #expect(try await house.services.authenticate(made.text) != nil)
        house.clock.advance(by: .seconds(1))
        #expect(try await house.services.authenticate(made.text) == nil)
    }

    @Test func aStoreThatIsAwayIsNoAnswer() async throws {
        let made = try await house.services.manageTokens.create(name: "ci", role: .user, lifetime: nil)
        house.store.goAway()
        await #expect(throws: StoreError.unavailable("away")) { try await house.services.authenticate(made.text) }
    }

    @Test func unusableNamesAndLifetimesAreRefused() async throws {
        let tokens = house.services.manageTokens
        for name in ["", "a\nb", "a\u{7F}", String(repeating: "x", count: 101)] {
            await #expect(throws: UseCaseError.self) { try await tokens.create(name: name, role: .user, lifetime: nil) }
        }
        for lifetime in [Duration.zero, .seconds(-1), .seconds(Int64.max), ManageTokens.maximumLifetime + .seconds(1)] {
            await #expect(throws: UseCaseError.self) {
                try await tokens.create(name: "ci", role: .user, lifetime: lifetime)
            }
        }
        _ = try await tokens.create(name: "ci", role: .user, lifetime: ManageTokens.maximumLifetime)
        #expect(try await tokens.list().map(\.name) == ["ci"])
    }

    @Test func aRoleAllowsWhatItIsFor() {
        let allowed = Role.allCases.map { role in Permission.allCases.filter { role.allows($0) } }
        #expect(allowed == [[.read, .write, .work, .administer], [.read, .write], [.read], [.work]])
    }
}
