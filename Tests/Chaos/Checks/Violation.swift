/// A promise that was broken, in words for people.
package struct Violation: Sendable, Hashable, CustomStringConvertible {
    package enum Promise: String, Sendable, Hashable, CaseIterable {
        case acknowledged = "what is acknowledged is kept"
        case ends = "every build ends"
        case oneEnd = "an attempt has one end"
        case logs = "a log is what the command printed"
        case followers = "a follower sees each line once, in order"
        case keys = "a key makes one build"
        case retries = "retries keep to their policy"
        case outcomes = "a build ends as its command and its users made it"
        case nothingLeft = "nothing is left behind"
        case processes = "no process dies by itself"
        case answers = "calls are refused for good reason only"
        case recovery = "what a dead worker had is offered again in time"
        case verified = "the store verifies itself"
    }

    package var promise: Promise
    package var detail: String

    package init(_ promise: Promise, _ detail: String) {
        self.promise = promise
        self.detail = detail
    }

    package var description: String { "\(promise.rawValue): \(detail)" }
}
