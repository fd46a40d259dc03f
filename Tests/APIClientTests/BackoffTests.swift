import Testing

@testable import APIClient

@Suite struct BackoffTests {
    @Test func waitsDoubleUpToAMaximumAndStartAnewAfterSuccess() {
        var backoff = Backoff()
        let waits = (0..<8).map { _ in backoff.next(chance: 1) }
        #expect(waits.prefix(4) == [.milliseconds(500), .seconds(1), .seconds(2), .seconds(4)])
        #expect(waits.last == Backoff.maximum)
        backoff.reset()
        #expect(backoff.next(chance: 1) == .milliseconds(500))
    }

    @Test func chanceSpreadsTheWaitsOverTheUpperHalf() {
        var backoff = Backoff()
        #expect(backoff.next(chance: 0) == .milliseconds(250))
        #expect(backoff.next(chance: 0.5) == .milliseconds(750))
    }
}
