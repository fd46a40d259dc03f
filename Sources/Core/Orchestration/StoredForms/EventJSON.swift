import BuildDomain

/// Events in the history are JSON as the domain codes it, so that any tool can read them.
package enum EventJSON {
    package static func text(of event: BuildEvent) throws(StoreError) -> String {
        do { return try JSONTextEncoder.text(of: event) } catch {
            throw .broken("an event cannot be written as JSON: \(error)")
        }
    }
}
