/// Rows with aligned columns, two spaces apart.
struct Table {
    var header: [String]
    var rows: [[String]] = []

    /// - Parameter width: the last column is cut to fit into it; `nil` for as wide as it is.
    func lines(width: Int?) -> [String] {
        let all = [header] + rows.map { $0.map(\.onOneLine) }
        let widths = header.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
        return all.map { row in
            var line = ""
            for (column, cell) in row.enumerated() {
                let isLast = column == row.count - 1
                line += isLast ? cell : cell + String(repeating: " ", count: widths[column] - cell.count + 2)
            }
            if let width { line = line.cut(to: max(2, width)) }
            while line.last == " " { line.removeLast() }
            return line
        }
    }

    func show(on terminal: Terminal = .current) {
        let lines = lines(width: terminal.showsOutput ? terminal.width : nil)
        for (index, line) in lines.enumerated() {
            Output.line(index == 0 ? Style.bold(line, if: terminal.showsOutput && terminal.usesColor) : line)
        }
    }
}
