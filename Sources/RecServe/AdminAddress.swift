// An address that asks for no keys: where it may be, and what listens there.
import Hummingbird
import Logging

extension ServerConfiguration {
    /// An address for probes and scrapes.
    public struct AdminAddress: Sendable, Hashable {
        /// Address to listen on.
        public let host: String
        /// 0 = any free port.
        public let port: Int
        /// On this machine only, unless another host is named.
        public init(host: String = "127.0.0.1", port: Int) { (self.host, self.port) = (host, port) }

        /// Why nobody can listen there; empty = somebody can.
        var problems: [String] {
            var problems: [String] = []
            if !ServerConfiguration.isHost(host) { problems.append("admin host is not a host name or address") }
            if !(0...65_535).contains(port) { problems.append("admin port \(port) is outside 0...65535") }
            return problems
        }
        /// What is allowed, and what its operator should know of.
        var warnings: [String] {
            guard !Loopback.isName(host) else { return [] }
            return [
                "the operators' port listens on \(host) and asks for no keys: keep it in a network of its own, or listen on 127.0.0.1"
            ]
        }

        /// Runs what was made to listen there, until graceful shutdown.
        /// - Throws: ``ServerStartError`` when the address cannot be taken.
        func run(_ application: some ApplicationProtocol, logger: Logger) async throws {
            for warning in warnings { logger.warning("\(warning)") }
            do {
                try await application.run()
            } catch {
                throw ServerStartError(error, host: host, port: port, prefix: "--admin-") ?? error
            }
        }
    }
}
