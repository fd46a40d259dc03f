import BuildDomain
import Orchestration

#if canImport(Glibc)
    import Glibc
#endif

/// The operating system's clock and sleep.
public struct SystemTimekeeper: Timekeeper {
    public init() {}

    public var now: Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }

    public func sleep(for duration: Duration) async throws(CancellationError) {
        do { try await Task.sleep(for: duration) } catch { throw CancellationError() }
    }
}

/// The operating system's random numbers (`getrandom`), which are fit for secrets.
public struct SystemEntropy: Entropy {
    public init() {}

    public func random() -> UInt64 {
        var generator = SystemRandomNumberGenerator()
        return generator.next()
    }
}

extension Surroundings {
    public static let system = Surroundings(timekeeper: SystemTimekeeper(), entropy: SystemEntropy())
}
