// A server that listens, and a client that sends it bytes as they are.
import Foundation
import RecServe
import ServiceLifecycle

/// The services of a server while a test asks them over sockets.
struct LiveServer {
    let port: Int
    /// Of the operators' port.
    let operatorsPort: Int

    /// - Parameter configuration: with an operators' port.
    static func run<Result: Sendable>(
        _ shop: TestShop, _ configuration: ServerConfiguration, _ body: (LiveServer) async throws -> Result
    ) async throws -> Result {
        let (ports, told) = AsyncStream.makeStream(of: (isOperators: Bool, port: Int).self)
        let server = RecommendationServer(
            engine: shop.engine, configuration: configuration, logger: shop.logger, now: { TestShop.noon },
            clock: EndlessClock(), whenListening: { told.yield((false, $0)) },
            whenAdminListening: { told.yield((true, $0)) })
        let group = ServiceGroup(services: server.services, logger: shop.logger)
        let running = Task {
            // A server that cannot start ends the wait for its ports.
            defer { told.finish() }
            try await group.run()
        }
        var found: [Bool: Int] = [:]
        for await port in ports {
            found[port.isOperators] = port.port
            if found.count == 2 { break }
        }
        guard let port = found[false], let operatorsPort = found[true] else {
            try await running.value
            throw SocketFailure(what: "listening")
        }
        do {
            let result = try await body(LiveServer(port: port, operatorsPort: operatorsPort))
            await group.triggerGracefulShutdown()
            try await running.value
            return result
        } catch {
            running.cancel()
            throw error
        }
    }

    /// Sends bytes and reads until the server closes. - Returns: the status.
    func status(of request: String, port: Int? = nil) async throws -> Int? {
        let port = port ?? self.port
        let answer = try await onAThread { try ClientSocket(port: port).exchange(Array(request.utf8)) }
        return String(decoding: answer.prefix(64), as: UTF8.self).split(separator: " ").dropFirst().first
            .flatMap { Int($0) }
    }
}

struct SocketFailure: Error {
    let what: String
    let number = errno
}

/// Runs what waits in system calls.
func onAThread<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
        Thread { continuation.resume(with: Swift.Result { try body() }) }.start()
    }
}

/// A connection to this machine; closed with its owner.
struct ClientSocket: ~Copyable {
    private let descriptor: Int32

    /// - Parameter receiveBuffer: bytes that the system takes for the client; `nil` = as it likes.
    init(port: Int, receiveBuffer: Int32? = nil) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw SocketFailure(what: "a socket") }
        // The patience of a test: far more than it needs.
        var limit = timeval(tv_sec: 60, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(descriptor, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size))
        }
        if var receiveBuffer {
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &receiveBuffer, socklen_t(MemoryLayout<Int32>.size))
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let isConnected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isConnected else { throw SocketFailure(what: "connecting") }
    }

    deinit { close(descriptor) }

    /// Sends the bytes and reads until the server closes.
    func exchange(_ bytes: [UInt8]) throws -> [UInt8] {
        guard send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else {
            throw SocketFailure(what: "sending")
        }
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { return answer }
            answer += buffer[..<count]
        }
    }

    /// Sends the bytes again and again and reads nothing, until that fails. - Returns: the system's error.
    func pour(_ bytes: [UInt8]) -> Int32 {
        while send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) > 0 {}
        return errno
    }
}
