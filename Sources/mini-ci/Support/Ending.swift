import APIClient
import APISchema
import ArgumentParser
import BuildDomain
import MiniCI
import Orchestration

/// How the process ends, as its exit status.
enum Ending: Int32 {
    case success = 0
    case buildFailed = 1
    case usage = 2
    /// Could not reach the server, or could not do what was asked.
    case failure = 3
    case interrupted = 130
}

/// Ends a command early, with a message for standard error where there is something left to say.
struct CommandFailure: Error {
    var message: String?
    var ending: Ending

    init(_ message: String? = nil, ending: Ending = .failure) {
        self.message = message
        self.ending = ending
    }
}

/// Tells the person at the terminal why a command ended.
enum Report {
    static func end(with error: any Error) -> Ending {
        switch error {
        case let failure as CommandFailure: say(failure.message, failure.ending)
        case let error as SettingsError: say(error.description, .usage)
        case APIClientError.canceled, is CancellationError: .interrupted
        case APIClientError.refused(_, let problem) where !(problem.errors ?? []).isEmpty:
            say(Refused.sentences(problem.errors ?? []), .usage)
        case APIClientError.refused(_, let problem) where problem.status == 401 || problem.status == 404:
            say(Refused.sentence(problem), .failure)
        case let error as APIClientError: say(error.description, .failure)
        case let error as StartupError: say(error.description, .failure)
        case let error as UseCaseError: say(sentence(error), .failure)
        default: endParsing(error)
        }
    }

    private static func say(_ message: String?, _ ending: Ending) -> Ending {
        for line in (message ?? "").split(separator: "\n") { Output.note(String(line)) }
        return ending
    }

    /// Errors of the argument parser, among them requests for help, which are none.
    private static func endParsing(_ error: any Error) -> Ending {
        let code = MiniCICommand.exitCode(for: error)
        let message = MiniCICommand.fullMessage(for: error)
        guard !code.isSuccess else {
            Output.line(message)
            return .success
        }
        if let hint = Misspelling.hint(in: Array(CommandLine.arguments.dropFirst())) { Output.note(hint) }
        if !message.isEmpty {
            Output.error(message.hasPrefix("Error: ") ? "mini-ci: " + message.dropFirst(7) : message)
        }
        // What nobody foresaw must not look like a build that failed.
        return code == .validationFailure ? .usage : .failure
    }

    private static func sentence(_ error: UseCaseError) -> String {
        switch error {
        case .invalid(let problems): problems.map(\.description).joined(separator: "\n")
        case .keyTaken(let build): "the idempotency key was used before for another build, \(build)"
        case .store(.notFound): "there is no such thing in the database"
        case .store(.unavailable(let cause)), .store(.outcomeUnknown(let cause)), .store(.broken(let cause)):
            "the database did not do it: \(cause)"
        case .store(.refused(let refusal)): "the database refused it: \(refusal)"
        }
    }
}
