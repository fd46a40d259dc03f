import Foundation

/// Server-sent events as they stand in a file: those that are whole.
struct EventStream {
    struct Event: Equatable {
        var name = ""
        var id = ""
        var data = ""
    }

    var events: [Event] = []

    init(_ text: String) {
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

    var lines: [Event] { events.filter { $0.name == "line" } }
}
