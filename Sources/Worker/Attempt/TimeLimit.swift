import BuildDomain

/// A limit of time that an attempt ran into, in seconds.
enum TimeLimit: Sendable, Hashable {
    case job(Int)
    case step(Int)
    /// Without a byte of output.
    case output(Int)

    var reason: Reason {
        switch self {
        case .job: .timeout
        case .step: .stepTimeout
        case .output: .noOutput
        }
    }

    /// What happened, for the person who reads the log or the result.
    var sentence: String {
        switch self {
        case .job(let seconds): "ran longer than \(seconds) s"
        case .step(let seconds): "a step ran longer than \(seconds) s"
        case .output(let seconds): "printed nothing for \(seconds) s"
        }
    }
}
