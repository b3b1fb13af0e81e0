// A port for probes and scrapes of a program that serves nothing else.
import Hummingbird
import HummingbirdCore
import Logging
import ServiceLifecycle

/// `/healthz` and `/metrics` of a stream processor, on an address of its own; `/` lists them.
///
/// ```swift
/// let metrics = StreamMetrics()
/// let figures = try FiguresServer(.init(port: 8082), metrics: metrics, logger: logger)
/// ```
///
/// Nobody is asked for a key. On loopback, requests for other names than this machine's own are refused, as on the operators' port of a
/// ``RecommendationServer``.
public struct FiguresServer: Service {
    private let address: ServerConfiguration.AdminAddress
    /// Only its limits are used.
    private let limits: ServerConfiguration
    private let metrics: StreamMetrics
    private let logger: Logger
    private let whenListening: @Sendable (_ port: Int) async -> Void

    /// - Parameters:
    ///   - address: where to listen.
    ///   - metrics: what is told.
    ///   - logger: of the server.
    ///   - whenListening: called once, with the port.
    /// - Throws: ``InvalidServerConfiguration``, where the address cannot be one.
    public init(
        _ address: ServerConfiguration.AdminAddress, metrics: StreamMetrics, logger: Logger,
        whenListening: @escaping @Sendable (_ port: Int) async -> Void = { _ in }
    ) throws(InvalidServerConfiguration) {
        // A few probes and scrapers, none of which sends a body; more wait.
        limits = try ServerConfiguration(port: 0, admin: address, bodyBytes: 1024, connections: 64)
        (self.address, self.metrics, self.logger, self.whenListening) = (address, metrics, logger, whenListening)
    }

    /// Listens until graceful shutdown.
    /// - Throws: ``ServerStartError`` when the address cannot be taken.
    public func run() async throws { try await address.run(application(), logger: logger) }

    /// The application, to test it without a socket.
    func application() -> some ApplicationProtocol {
        let table = EndpointTable([.alive, .metrics { [metrics] in metrics.text }])
        let router = Router(context: ServeContext.self, options: .autoGenerateHeadEndpoints)
        router.add(
            middleware: RequestIDMiddleware(makeID: SystemSource.identifier, hasTLS: false, drain: Drain()))
        router.add(
            middleware: ProblemMiddleware(
                table: table, failures: FailureLog(logger), metrics: nil, now: SystemSource.now))
        router.add(middleware: HostMiddleware(isLoopbackOnly: Loopback.isName(address.host)))
        router.add(
            middleware: BodyMiddleware(
                limit: limits.bodyBytes, deadline: limits.bodyDeadline, clock: ContinuousClock()))
        table.register(on: router, needsKeys: false)
        return Application(
            router: router, server: .limited(taking: limits.takingDeadline, idle: limits.idleTimeout) {},
            configuration: .init(
                address: .hostname(address.host, port: address.port),
                availableConnectionsDelegate: MaximumAvailableConnections(limits.connections)),
            onServerRunning: { [whenListening] channel in
                if let port = channel.localAddress?.port { await whenListening(port) }
            },
            logger: logger)
    }
}
