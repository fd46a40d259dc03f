import BuildDomain
import Orchestration
import Synchronization

/// The mirrors under one folder.
struct Mirrors: Sendable {
    let folder: String
    private let fetches = FetchTimes()

    init(folder: String) {
        self.folder = folder
    }

    func mirror(of repository: RepositoryURL) -> Mirror {
        Mirror(path: folder + "/" + flatName(repository.description) + ".git", repository: repository, fetches: fetches)
    }
}

/// When each fetch that succeeded was begun: one that began after a build asked has brought what that build wants, so
/// the ten jobs of a build that start together cause one fetch and not ten.
final class FetchTimes: Sendable {
    /// More are forgotten, all at once; each only saves a fetch.
    private static let limit = 10_000
    private let times = Mutex<[String: ContinuousClock.Instant]>([:])

    func record(_ key: String, begun: ContinuousClock.Instant) {
        times.withLock { times in
            if times.count >= Self.limit { times.removeAll() }
            times[key] = begun
        }
    }

    /// The mirror was made anew and holds nothing any more.
    func forget(_ path: String) {
        times.withLock { times in times = times.filter { !$0.key.hasPrefix(path + "\n") } }
    }

    func hasBegun(_ key: String, since: ContinuousClock.Instant) -> Bool {
        times.withLock { $0[key].map { $0 >= since } ?? false }
    }
}

/// A text as one or more path components that no other text has, safe for files and for refs alike: letters, digits,
/// `-`, `_` and `@` stay, `/` becomes `+`, the rest `%XX`. Longer than 180 bytes it continues in a folder, as names
/// end at 255.
func flatName(_ text: String) -> String {
    let hexadecimal = [UInt8]("0123456789ABCDEF".utf8)
    var result: [UInt8] = []
    var length = 0
    for byte in text.utf8 {
        if length >= 180 {
            result += "=/".utf8
            length = 0
        }
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "@"):
            result.append(byte)
        case UInt8(ascii: "/"):
            result.append(UInt8(ascii: "+"))
        default:
            result += [UInt8(ascii: "%"), hexadecimal[Int(byte >> 4)], hexadecimal[Int(byte & 15)]]
            length += 2
        }
        length += 1
    }
    return String(decoding: result, as: UTF8.self)
}
