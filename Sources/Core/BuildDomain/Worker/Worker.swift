/// A process that claims jobs.
public struct Worker: Sendable, Hashable {
    public let id: WorkerID
    /// For people; the id alone says which worker it is.
    public var name: String
    public var labels: Set<Label>
    /// The most attempts it executes at once.
    public var capacity: Int
    public var version: String
    public var isDraining: Bool
    public var registeredAt: Timestamp
    public var lastSeenAt: Timestamp

    public init(
        id: WorkerID, name: String, labels: Set<Label>, capacity: Int, version: String, isDraining: Bool = false,
        registeredAt: Timestamp, lastSeenAt: Timestamp
    ) {
        self.id = id
        self.name = name
        self.labels = labels
        self.capacity = capacity
        self.version = version
        self.isDraining = isDraining
        self.registeredAt = registeredAt
        self.lastSeenAt = lastSeenAt
    }
}

/// What a job asks of a worker and a worker offers: a word like `linux`, or `key=value` like `arch=arm64`.
public struct Label: Sendable, Hashable, Comparable, CustomStringConvertible {
    public let description: String

    /// The longest label, in bytes.
    public static let maximumLength = 100
    /// The most labels of a job or worker.
    public static let maximumCount = 32

    /// - Throws: ``InvalidInput`` where it has other characters than letters, digits and `. _ - = : /`.
    public init(_ text: String) throws(InvalidInput) {
        let allowed = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: "._-=:/".utf8.contains(byte)
            }
        }
        guard !text.isEmpty, text.utf8.count <= Self.maximumLength, allowed else {
            throw InvalidInput(
                field: "labels",
                message: "must be 1 to \(Self.maximumLength) letters, digits or . _ - = : / each; "
                    + "got \(text.debugDescription)")
        }
        description = text
    }

    /// Takes back a label that was checked when it was accepted.
    public init(accepted text: String) { description = text }

    public static func < (left: Self, right: Self) -> Bool { left.description < right.description }
}
