// The HTTP server: routes and middleware around one engine.
import Foundation
import Hummingbird
import HummingbirdCore
import HummingbirdTLS
import Logging
import NIOCore
import NIOSSL
import RecCore
import ServiceLifecycle

/// Serves one engine over HTTP.
///
/// ```swift
/// let server = RecommendationServer(engine: engine, configuration: try ServerConfiguration(port: 9000), logger: logger)
/// try await ServiceGroup(services: server.services, gracefulShutdownSignals: [.sigterm], logger: logger).run()
/// ```
///
/// ``services`` are all that a program runs: the server itself, its port for operators, and those that keep models, catalogue and keys
/// up to date. Alone, as a service, it answers requests and does nothing else.
public struct RecommendationServer: Service {
    private let surroundings: Surroundings
    private let replay: WatchedReplay?
    private let browser: CatalogueBrowser
    private let logger: Logger
    private let clock: any Clock<Duration>
    private let instant: @Sendable () -> ContinuousClock.Instant
    private let whenListening: @Sendable (_ port: Int) async -> Void
    private let whenAdminListening: @Sendable (_ port: Int) async -> Void
    private var configuration: ServerConfiguration { surroundings.configuration }

    /// - Parameters:
    ///   - engine: what answers.
    ///   - configuration: where to listen, who may ask, and limits.
    ///   - replay: what the page may start; `nil` = nothing.
    ///   - metrics: what is counted; hand the same to ``GuardedStores``.
    ///   - logger: of the server and its services.
    ///   - now: the moment of a request.
    ///   - makeID: a new name for a recommendation, an event or a request.
    ///   - clock: measures deadlines.
    ///   - instant: measures rates.
    ///   - whenListening: called once, with the port, when requests are taken.
    ///   - whenAdminListening: called once, with the port for operators, if there is one.
    public init(
        engine: RecommendationEngine, configuration: ServerConfiguration, replay: WatchedReplay? = nil,
        metrics: ServerMetrics = ServerMetrics(),
        logger: Logger, now: @escaping @Sendable () -> Timestamp = SystemSource.now,
        makeID: @escaping @Sendable () -> String = SystemSource.identifier,
        clock: any Clock<Duration> = ContinuousClock(),
        instant: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
        whenListening: @escaping @Sendable (_ port: Int) async -> Void = { _ in },
        whenAdminListening: @escaping @Sendable (_ port: Int) async -> Void = { _ in }
    ) {
        surroundings = Surroundings(
            engine: engine, configuration: configuration, metrics: metrics, drain: Drain(),
            failures: FailureLog(logger), now: now, makeID: makeID)
        (self.replay, browser) = (replay, CatalogueBrowser(engine: engine))
        (self.logger, self.clock, self.instant) = (logger, clock, instant)
        (self.whenListening, self.whenAdminListening) = (whenListening, whenAdminListening)
    }

    /// All that a serving program runs, in the order of their start; a `ServiceGroup` stops them from the last to the first: those who
    /// ask are told, answers in flight are finished, then impressions are written.
    public var services: [any Service] {
        let engine = surroundings.engine
        var services: [any Service] = [
            ModelReloader(engine: engine, metrics: surroundings.metrics, logger: logger),
            CatalogueRefresher(engine: engine, logger: logger),
            ImpressionWriter(engine: engine, metrics: surroundings.metrics, logger: logger, now: surroundings.now),
        ]
        if let keys = configuration.keys {
            services.append(
                KeyReloader(
                    ring: keys, period: .seconds(5), metrics: surroundings.metrics, clock: clock, logger: logger))
        }
        if configuration.admin != nil { services.append(Operators(server: self)) }
        services.append(self)
        services.append(DrainService(drain: surroundings.drain, delay: configuration.drainDelay, clock: clock))
        return services
    }

    /// Listens until graceful shutdown.
    /// - Throws: ``ServerStartError`` when the address cannot be taken, or the files for TLS cannot be read.
    public func run() async throws {
        do {
            try await application().run()
        } catch {
            throw ServerStartError(error, host: configuration.host, port: configuration.port) ?? error
        }
    }

    /// What a graceful shutdown does first: readiness is refused, and connections are closed behind their answers.
    func beginToDrain() { surroundings.drain.begin() }

    /// The application, to test it without a socket or to run it inside another.
    public func application() throws -> some ApplicationProtocol {
        var routes =
            RecommendationRoutes(surroundings: surroundings).endpoints
            + EventRoutes(surroundings: surroundings).endpoints
            + CatalogueRoutes(surroundings: surroundings).endpoints
            + ModelRoutes(surroundings: surroundings).endpoints
            + HealthRoutes(surroundings: surroundings).endpoints
            + GorseRoutes(surroundings: surroundings).endpoints
        var front: @Sendable (Request) -> Response? = { _ in nil }
        if configuration.showsPage {
            let page = PageRoutes()
            front = { page.front($0) }
            routes +=
                page.endpoints
                + PageDataRoutes(surroundings: surroundings, browser: browser, canReplay: replay != nil).endpoints
                + PageReplayRoutes(replay: replay, browser: browser).endpoints
        }
        let http = try configuration.tls.map { try Self.tls(http1, $0) } ?? http1
        return application(
            EndpointTable(routes, front: front), server: http, host: configuration.host, port: configuration.port,
            isOpen: false, whenListening)
    }

    /// The same for the operators' port.
    func operatorsApplication(_ address: ServerConfiguration.AdminAddress) -> some ApplicationProtocol {
        application(
            EndpointTable(HealthRoutes(surroundings: surroundings).operatorEndpoints), server: http1,
            host: address.host,
            port: address.port, isOpen: true, whenAdminListening)
    }

    private var http1: HTTPServerBuilder {
        let metrics = surroundings.metrics
        return .limited(taking: configuration.takingDeadline, idle: configuration.idleTimeout) {
            metrics.count("reco_slow_readers", [])
        }
    }

    private static func tls(
        _ base: HTTPServerBuilder, _ files: ServerConfiguration.TLSFiles
    ) throws -> HTTPServerBuilder {
        func read<Part>(_ path: String, _ what: String, _ part: () throws -> Part) throws -> Part {
            guard FileManager.default.isReadableFile(atPath: path) else {
                throw ServerStartError(
                    description: "cannot read the \(what) for TLS, \(path): is it there, and may this user read it?")
            }
            do { return try part() } catch {
                throw ServerStartError(description: "\(path) holds no \(what) in PEM form: \(error)")
            }
        }
        let certificates = try read(files.certificate, "certificate chain") {
            try NIOSSLCertificate.fromPEMFile(files.certificate)
        }
        let key = try read(files.key, "private key") { try NIOSSLPrivateKey(file: files.key, format: .pem) }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: certificates.map { .certificate($0) }, privateKey: .privateKey(key))
        configuration.minimumTLSVersion = .tlsv12
        return try .tls(base, tlsConfiguration: configuration)
    }

    /// - Parameter isOpen: whether nobody is asked for keys, and nobody is held back.
    private func application(
        _ table: EndpointTable, server: HTTPServerBuilder, host: String, port: Int, isOpen: Bool,
        _ whenListening: @escaping @Sendable (_ port: Int) async -> Void
    ) -> some ApplicationProtocol {
        Application(
            router: router(table, isOpen: isOpen, host: host), server: server,
            configuration: .init(
                address: .hostname(host, port: port),
                availableConnectionsDelegate: MaximumAvailableConnections(configuration.connections)),
            onServerRunning: { channel in
                if let port = channel.localAddress?.port { await whenListening(port) }
            },
            logger: logger)
    }

    private func router(_ table: EndpointTable, isOpen: Bool, host: String) -> Router<ServeContext> {
        let router = Router(context: ServeContext.self, options: .autoGenerateHeadEndpoints)
        let metrics = surroundings.metrics
        router.add(
            middleware: RequestIDMiddleware(
                makeID: surroundings.makeID, hasTLS: configuration.tls != nil && !isOpen, drain: surroundings.drain))
        router.add(middleware: ObservationMiddleware(metrics: metrics))
        // Outside of errors: a page is to read those too.
        if !isOpen, !configuration.origins.isEmpty {
            router.add(middleware: CrossOriginMiddleware(origins: Set(configuration.origins)))
        }
        router.add(
            middleware: ProblemMiddleware(
                table: table, failures: surroundings.failures, metrics: metrics, now: surroundings.now))
        let asksForNoKeys = isOpen || configuration.keys == nil
        router.add(middleware: HostMiddleware(isLoopbackOnly: asksForNoKeys && Loopback.isName(host)))
        router.add(middleware: ForeignPageMiddleware(origins: Set(configuration.origins)))
        if !isOpen {
            router.add(
                middleware: AuthenticationMiddleware(
                    keys: configuration.keys,
                    limiter: configuration.rate.map { RateLimiter(rate: $0.perSecond, burst: $0.burst, now: instant) },
                    metrics: metrics))
        }
        router.add(
            middleware: BodyMiddleware(
                limit: configuration.bodyBytes, deadline: configuration.bodyDeadline, clock: clock))
        table.register(on: router, needsKeys: configuration.keys != nil && !isOpen)
        return router
    }
}

/// The operators' port as a service.
private struct Operators: Service {
    let server: RecommendationServer

    func run() async throws { try await server.runOperators() }
}

extension RecommendationServer {
    fileprivate func runOperators() async throws {
        guard let address = configuration.admin else { return }
        try await address.run(operatorsApplication(address), logger: logger)
    }
}
