import Foundation

/// A TCP socket on 127.0.0.1 that never blocks.
struct LoopbackSocket: Sendable {
    let descriptor: Int32

    struct Failure: Error, CustomStringConvertible {
        let description: String

        init(_ call: String) { description = "\(call): \(String(cString: strerror(errno)))" }
    }

    private init() throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw Failure("socket") }
        prepare()
    }

    private init(accepted: Int32) {
        descriptor = accepted
        prepare()
    }

    private func prepare() {
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        // Each small answer at once, as without a proxy in between.
        set(Int32(IPPROTO_TCP), TCP_NODELAY, Int32(1))
    }

    static func listening() throws -> LoopbackSocket {
        let listener = try LoopbackSocket()
        guard withLoopback(port: 0, { bind(listener.descriptor, $0, $1) }) == 0, listen(listener.descriptor, 512) == 0
        else { throw Failure("bind and listen") }
        return listener
    }

    static func connected(to port: UInt16) throws -> LoopbackSocket {
        let connection = try LoopbackSocket()
        let code = withLoopback(port: port) { connect(connection.descriptor, $0, $1) }
        guard code == 0 || errno == EINPROGRESS else {
            connection.close()
            throw Failure("connect")
        }
        return connection
    }

    func port() throws -> UInt16 {
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let code = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        guard code == 0 else { throw Failure("getsockname") }
        return UInt16(bigEndian: address.sin_port)
    }

    /// Whether somebody wants to connect, after waiting for it that long.
    func wait(milliseconds: Int32) -> Bool {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&entry, 1, milliseconds) > 0
    }

    func accept() -> LoopbackSocket? {
        let accepted = Foundation.accept(descriptor, nil, nil)
        return accepted >= 0 ? LoopbackSocket(accepted: accepted) : nil
    }

    func close() { Foundation.close(descriptor) }

    /// Closes so that the other side gets a reset instead of an orderly end.
    func reset() {
        set(SOL_SOCKET, SO_LINGER, linger(l_onoff: 1, l_linger: 0))
        close()
    }

    private func set<Value>(_ level: Int32, _ option: Int32, _ value: Value) {
        withUnsafeBytes(of: value) { _ = setsockopt(descriptor, level, option, $0.baseAddress, socklen_t($0.count)) }
    }

    private static func withLoopback(
        port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}
