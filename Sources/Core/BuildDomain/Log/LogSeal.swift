/// How much of a log there is.
public struct LogExtent: Sendable, Hashable, Codable {
    /// Bytes of text, line feeds included.
    public var length: Int64
    public var lines: Int64

    public init(length: Int64 = 0, lines: Int64 = 0) {
        self.length = length
        self.lines = lines
    }
}

/// What a whole log must be: its extent and the SHA-256 of its text.
public struct LogSeal: Sendable, Hashable, Codable {
    public var extent: LogExtent
    /// 64 lower-case hexadecimal digits.
    public var sha256: String

    public init(extent: LogExtent, sha256: String) {
        self.extent = extent
        self.sha256 = sha256
    }

    /// The seal of a log without a line.
    public static let empty = LogSeal(
        extent: LogExtent(), sha256: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
}
