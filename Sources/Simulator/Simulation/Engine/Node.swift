/// A simulated process: what runs on it stops for good when it crashes. A restarted process is a new node.
///
/// `@unchecked Sendable`: only the one thread that runs the simulation ever touches it.
final class Node: @unchecked Sendable {
    let name: String
    /// Milliseconds that its clock is ahead of the true time.
    let clockOffset: Int64
    private(set) var isAlive = true
    /// Jobs that became ready while it was paused or after it crashed.
    var held: [UnsafeMutableRawPointer] = []
    var isPaused = false

    init(name: String, clockOffset: Int64 = 0) {
        self.name = name
        self.clockOffset = clockOffset
    }

    func crash() { isAlive = false }
}
