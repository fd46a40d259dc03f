#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What this process uses, as Linux tells it in `/proc`; zeros elsewhere.
struct ProcessUsage {
    var residentBytes = 0
    var openFiles = 0

    /// Bytes of a page on every machine this runs on that has `/proc`.
    private static let pageBytes = 4096

    static func now() -> ProcessUsage {
        var usage = ProcessUsage()
        // Total and resident size in pages, then more.
        if let sizes = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " "),
            sizes.count > 1, let pages = Int(sizes[1])
        {
            usage.residentBytes = pages * pageBytes
        }
        usage.openFiles = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count) ?? 0
        return usage
    }
}
