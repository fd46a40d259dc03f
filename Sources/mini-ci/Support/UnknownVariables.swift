import Foundation
import MiniCI
import Orchestration

/// Variables of the environment that look like settings and are none: most likely misspelt.
enum UnknownVariables {
    /// Every command of a build has these, and may start mini-ci.
    private static let ofBuilds: Set = [
        "MINI_CI_BUILD_ID", "MINI_CI_JOB_ID", "MINI_CI_JOB_NAME", "MINI_CI_ATTEMPT_ID", "MINI_CI_ATTEMPT",
        "MINI_CI_REPO_URL", "MINI_CI_REF", "MINI_CI_COMMIT_SHA", "MINI_CI_WORKSPACE",
    ]
    private static let known = Set(Catalogue.all.map(\.environment))

    static func names(in environment: [String: String]) -> [String] {
        environment.keys.filter { $0.hasPrefix("MINI_CI_") && !known.contains($0) && !ofBuilds.contains($0) }.sorted()
    }

    static func nearest(to name: String) -> String? {
        // Without what they all have in common, which would make everything alike.
        let prefix = "MINI_CI_".count
        let tails = known.map { String($0.dropFirst(prefix)) }
        // Two letters that changed places are two mistakes.
        return Nearest.word(to: String(name.dropFirst(prefix)), among: tails, least: 2).map { "MINI_CI_" + $0 }
    }

    /// For commands that run for long: whoever starts them does not see that a setting was not taken.
    static func warn(of environment: [String: String] = ProcessInfo.processInfo.environment) {
        for name in names(in: environment) {
            let advice = nearest(to: name).map { "; did you mean \($0)?" } ?? "; `mini-ci doctor` lists those there are"
            Output.note("\(name) is no setting\(advice)")
        }
    }
}
