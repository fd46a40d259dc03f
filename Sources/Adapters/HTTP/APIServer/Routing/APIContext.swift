import Hummingbird
import NIOCore

/// What the framework knows of a request beside the request itself.
struct APIContext: InitializableFromSource, Sendable {
    let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        channel = source.channel
    }

    /// The other end is on this machine.
    var isLocal: Bool {
        switch channel.remoteAddress {
        case .v4(let address):
            address.host.hasPrefix("127.") || channel.remoteAddress?.ipAddress?.hasPrefix("127.") == true
        case .v6: ["::1", "::ffff:127.0.0.1"].contains(channel.remoteAddress?.ipAddress)
        case .unixDomainSocket: true
        case nil: false
        }
    }
}
