// The HTTP server: routes and middleware around one engine.
import Hummingbird
import Logging
import NIOCore
import RecCore
import ServiceLifecycle

/// Serves one engine over HTTP.
///
/// ```swift
/// let server = RecommendationServer(engine: engine, configuration: try ServerConfiguration(port: 9000), logger: logger)
/// try await server.run()
/// ```
///
/// Run it in a `ServiceGroup` to stop on signals: requests in flight are answered first. Its neighbours there are
/// ``ModelReloader``, ``CatalogueRefresher`` and ``ImpressionWriter``.
public struct RecommendationServer: Service {
    private let engine: RecommendationEngine
    private let configuration: ServerConfiguration
    private let logger: Logger
    private let now: @Sendable () -> Timestamp
    private let makeID: @Sendable () -> String
    private let clock: any Clock<Duration>
    private let whenListening: @Sendable (_ port: Int) async -> Void

    /// - Parameters:
    ///   - now: the moment of a request.
    ///   - makeID: a new name for a recommendation, an event or a request.
    ///   - clock: measures deadlines.
    ///   - whenListening: called once, with the port, when requests are taken.
    public init(
        engine: RecommendationEngine, configuration: ServerConfiguration, logger: Logger,
        now: @escaping @Sendable () -> Timestamp = SystemSource.now,
        makeID: @escaping @Sendable () -> String = SystemSource.identifier,
        clock: any Clock<Duration> = ContinuousClock(),
        whenListening: @escaping @Sendable (_ port: Int) async -> Void = { _ in }
    ) {
        (self.engine, self.configuration, self.logger) = (engine, configuration, logger)
        (self.now, self.makeID, self.clock, self.whenListening) = (now, makeID, clock, whenListening)
    }

    /// Listens until graceful shutdown.
    /// - Throws: ``ServerStartError`` when the address cannot be taken.
    public func run() async throws {
        do {
            try await application().run()
        } catch {
            throw ServerStartError(error, host: configuration.host, port: configuration.port) ?? error
        }
    }

    /// The application, to test it without a socket or to run it inside another.
    public func application() -> some ApplicationProtocol {
        let whenListening = whenListening
        return Application(
            router: router(),
            server: .http1(
                configuration: .init(
                    idleTimeout: TimeAmount(configuration.idleTimeout),
                    httpDecoderConfiguration: .init(
                        maxHeaderFieldSize: 8 * 1024, maxHeaderListSize: 16 * 1024, maxHeaderFieldCount: 64))),
            configuration: .init(address: .hostname(configuration.host, port: configuration.port)),
            onServerRunning: { channel in
                if let port = channel.localAddress?.port { await whenListening(port) }
            },
            logger: logger
        )
    }

    private func router() -> Router<ServeContext> {
        let table = EndpointTable(
            RecommendationRoutes(engine: engine, configuration: configuration, now: now, makeID: makeID).endpoints
                + EventRoutes(engine: engine, configuration: configuration, now: now, makeID: makeID).endpoints
                + HealthRoutes(engine: engine).endpoints)
        let router = Router(context: ServeContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: RequestIDMiddleware(makeID: makeID))
        router.add(middleware: ProblemMiddleware(table: table, failures: FailureLog(logger), now: now))
        router.add(middleware: HostMiddleware())
        router.add(
            middleware: BodyMiddleware(
                limit: configuration.bodyBytes, deadline: configuration.bodyDeadline, clock: clock))
        table.register(on: router)
        return router
    }
}
