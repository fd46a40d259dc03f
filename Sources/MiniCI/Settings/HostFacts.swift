import Foundation

/// What defaults are made from: the machine, the user, and files that another command left behind.
public struct HostFacts: Sendable {
    public var cores: Int
    public var hostName: String
    /// Absolute; `nil` for a user without one.
    public var homeFolder: String?
    /// Absolute.
    public var workingFolder: String
    /// The text of a small file; `nil` where it cannot be read.
    public var read: @Sendable (String) -> String?

    public init(
        cores: Int, hostName: String, homeFolder: String?, workingFolder: String,
        read: @escaping @Sendable (String) -> String?
    ) {
        self.cores = cores
        self.hostName = hostName
        self.homeFolder = homeFolder
        self.workingFolder = workingFolder
        self.read = read
    }

    /// Of this machine and user.
    public static var current: HostFacts {
        // `ProcessInfo.hostName` may ask a name server; the kernel knows as well.
        var name = [CChar](repeating: 0, count: 256)
        let hasName = gethostname(&name, name.count - 1) == 0
        let text = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return HostFacts(
            cores: max(1, ProcessInfo.processInfo.activeProcessorCount),
            hostName: hasName && !text.isEmpty ? text : "localhost",
            homeFolder: ProcessInfo.processInfo.environment["HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil },
            workingFolder: FileManager.default.currentDirectoryPath,
            read: { path in
                guard let bytes = FileManager.default.contents(atPath: path), bytes.count <= 65_536 else { return nil }
                return String(decoding: bytes, as: UTF8.self)
            })
    }
}
