import Foundation

/// Server-sent events as they stand in a file: those that are whole.
package struct EventStream {
    package struct Event: Equatable {
        package var name = ""
        package var id = ""
        package var data = ""
    }

    package var events: [Event] = []

    package init(_ text: String) {
        let blocks = text.components(separatedBy: "\n\n").dropLast()
        for block in blocks {
            var event = Event()
            for line in block.split(separator: "\n") {
                guard let colon = line.firstIndex(of: ":") else { continue }
                let value = String(line[line.index(after: colon)...].drop { $0 == " " })
                switch line[..<colon] {
                case "event": event.name = value
                case "id": event.id = value
                case "data": event.data += value
                default: continue
                }
            }
            if !event.name.isEmpty { events.append(event) }
        }
    }

    package var lines: [Event] { events.filter { $0.name == "line" } }
}
