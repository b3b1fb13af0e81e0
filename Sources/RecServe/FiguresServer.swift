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
        let problems = address.problems
        guard problems.isEmpty else { throw InvalidServerConfiguration(problems: problems) }
        (self.address, self.metrics, self.logger, self.whenListening) = (address, metrics, logger, whenListening)
    }

    /// Listens until graceful shutdown.
    /// - Throws: ``ServerStartError`` when the address cannot be taken.
    public func run() async throws {
        for warning in address.warnings { logger.warning("\(warning)") }
        do {
            try await application().run()
        } catch {
            throw ServerStartError(error, host: address.host, port: address.port, prefix: "--admin-") ?? error
        }
    }

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
        // No route reads a body.
        router.add(middleware: BodyMiddleware(limit: 1024, deadline: .seconds(2), clock: ContinuousClock()))
        table.register(on: router, needsKeys: false)
        return Application(
            router: router, server: .limited(taking: .seconds(9), idle: .seconds(9)) {},
            configuration: .init(
                address: .hostname(address.host, port: address.port),
                // A few probes and scrapers; more wait.
                availableConnectionsDelegate: MaximumAvailableConnections(64)),
            onServerRunning: { [whenListening] channel in
                if let port = channel.localAddress?.port { await whenListening(port) }
            },
            logger: logger)
    }
}
