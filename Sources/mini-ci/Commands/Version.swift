import ArgumentParser
import MiniCI

struct Version: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print the version.",
        discussion: """
            EXAMPLES
              mini-ci version
              mini-ci version --json
            """)

    @OptionGroup var json: JSONOption

    func run() throws {
        if json.isOn { try JSONOutput.show(["version": MiniCIVersion.text]) } else { Output.line(MiniCIVersion.text) }
    }
}
