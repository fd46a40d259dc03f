/// What happened, as one number: two runs with the same one did the same in the same order.
struct Trace {
    /// FNV-1a, 64 bits.
    private(set) var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    /// Told every line, where somebody wants to read along.
    private let listener: ((String) -> Void)?

    init(listener: ((String) -> Void)?) { self.listener = listener }

    /// - Parameter text: without ids that differ from process to process.
    mutating func add(at time: Int64, _ text: @autoclosure () -> String) {
        var line = text()
        line.withUTF8 { mix($0) }
        withUnsafeBytes(of: time.littleEndian) { mix($0) }
        listener?("\(time) \(line)")
    }

    private mutating func mix(_ bytes: some Sequence<UInt8>) {
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
    }
}
