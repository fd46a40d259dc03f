/// Which of a program's two outputs a line came from; `system` is the worker speaking.
public enum LogStream: UInt8, Sendable, Hashable, CaseIterable {
    case system = 0
    case stdout = 1
    case stderr = 2

    /// The name in the API: `system`, `stdout`, `stderr`.
    public var name: String {
        switch self {
        case .system: "system"
        case .stdout: "stdout"
        case .stderr: "stderr"
        }
    }
}
