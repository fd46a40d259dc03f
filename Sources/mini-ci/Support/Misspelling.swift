import ArgumentParser
import Orchestration

/// Finds commands and options that do not exist in what was typed, for the hints of the argument parser's errors: it
/// complains of what is missing before it says what is unknown.
enum Misspelling {
    /// A sentence such as "did you mean 'submit'?"; `nil` where every word is known.
    static func hint(in arguments: [String]) -> String? {
        let words = arguments.prefix { $0 != "--" }
        var command: any ParsableCommand.Type = MiniCICommand.self
        for word in words where !word.hasPrefix("-") {
            let children = command.children
            guard !children.isEmpty else { break }
            if word == "help", command == MiniCICommand.self { continue }
            guard let next = children.first(where: { $0.name == word }) else {
                return unknown("command", word, among: children.map { $0.name })
            }
            command = next
        }
        let known = Set(
            MiniCICommand.helpMessage(for: command, includeHidden: true, columns: 1000)
                .matches(of: /--[a-z][a-z-]*[a-z]/).map { String($0.output) })
        for word in words where word.hasPrefix("--") {
            let option = String(word.prefix { $0 != "=" })
            if !known.contains(option) { return unknown("option", option, among: Array(known)) }
        }
        return nil
    }

    private static func unknown(_ what: String, _ word: String, among known: [String]) -> String {
        let nearest = Nearest.word(to: word, among: known).map { "; did you mean '\($0)'?" } ?? ""
        return "there is no \(what) '\(word)'\(nearest)"
    }
}

extension ParsableCommand {
    fileprivate static var name: String { configuration.commandName ?? "\(self)".lowercased() }

    fileprivate static var children: [any ParsableCommand.Type] {
        configuration.subcommands + configuration.groupedSubcommands.flatMap { $0.subcommands }
    }
}
