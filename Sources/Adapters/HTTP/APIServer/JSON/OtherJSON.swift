import APISchema
import BuildDomain
import NIOCore

extension JSONWriter {
    mutating func value(_ worker: WorkerView) {
        object { json in
            json.member("id", worker.id)
            json.member("name", worker.name)
            json.member("status", worker.status)
            json.member("labels", worker.labels)
            json.member("capacity", worker.capacity)
            json.member("running", worker.running)
            json.member("version", worker.version)
            json.member("registered_at", worker.registeredAt)
            json.member("last_seen_at", worker.lastSeenAt)
        }
    }

    /// The token itself is a member only where there is one to show.
    mutating func value(_ token: TokenView) {
        object { json in
            json.member("id", token.id)
            json.member("name", token.name)
            json.member("role", token.role.rawValue)
            json.member("created_at", token.createdAt)
            json.member("expires_at", token.expiresAt)
            json.member("revoked_at", token.revokedAt)
            if let text = token.token { json.member("token", text) }
        }
    }

    mutating func value(_ extent: LogExtent) {
        object { json in
            json.member("length", extent.length)
            json.member("lines", extent.lines)
        }
    }

    mutating func value(_ problem: Problem) {
        object { json in
            json.member("type", problem.type)
            json.member("title", problem.title)
            json.member("status", problem.status)
            json.member("detail", problem.detail)
            if let errors = problem.errors {
                json.key("errors")
                json.array(errors) { json, error in
                    json.object { json in
                        json.member("field", error.field)
                        json.member("message", error.message)
                    }
                }
            }
            if let stored = problem.stored {
                json.key("stored")
                json.value(stored)
            }
        }
    }

    /// A page as ``Page`` has it.
    mutating func page<Item>(_ items: [Item], next: String?, _ each: (inout JSONWriter, Item) -> Void) {
        object { json in
            json.key("items")
            json.array(items, each)
            json.member("next_cursor", next)
        }
    }
}
