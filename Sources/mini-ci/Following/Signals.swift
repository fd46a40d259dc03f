import Dispatch
import Foundation

/// Signals as a sequence, instead of what they do by themselves.
enum Signals {
    /// Ends with the task that reads it. From then on the signals do again what they did.
    static func stream(of numbers: [Int32]) -> AsyncStream<Int32> {
        let (stream, continuation) = AsyncStream.makeStream(of: Int32.self)
        // Dispatch objects may be used from any thread; the overlay does not say so.
        nonisolated(unsafe) let sources = numbers.map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { continuation.yield(number) }
            source.resume()
            return source
        }
        continuation.onTermination = { _ in
            for source in sources { source.cancel() }
            for number in numbers { signal(number, SIG_DFL) }
        }
        return stream
    }
}
