import BuildDomain
import Crypto
import Orchestration

/// The seal of a log of these lines.
func seal(of lines: [String]) -> LogSeal {
    let text = Array(lines.map { $0 + "\n" }.joined().utf8)
    return LogSeal(
        extent: LogExtent(length: Int64(text.count), lines: Int64(lines.count)),
        sha256: hexadecimal(SHA256.hash(data: text)))
}
