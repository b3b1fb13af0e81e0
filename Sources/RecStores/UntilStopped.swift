// A piece of work that ends when the program is told to.
import Logging
import ServiceLifecycle

/// Runs work until it ends by itself, or SIGTERM or SIGINT comes; then its task is cancelled, and it finishes what is in hand.
/// - Parameters:
///   - patience: after a signal; work that takes longer is given up.
///   - services: run beside the work and stop behind it; one that fails ends the work.
public func untilStopped(
    patience: Duration = .seconds(10), beside services: [any Service] = [],
    _ work: @escaping @Sendable () async throws -> Void
) async throws {
    var logger = Logger(label: "lifecycle", factory: { StreamLogHandler.standardError(label: $0) })
    logger.logLevel = .warning
    var configuration = ServiceGroupConfiguration(
        services: services.map { .init(service: $0) }
            + [.init(service: Work(work: work), successTerminationBehavior: .gracefullyShutdownGroup)],
        gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
    configuration.maximumGracefulShutdownDuration = patience
    try await ServiceGroup(configuration: configuration).run()
}

private struct Work: Service {
    let work: @Sendable () async throws -> Void
    func run() async throws { try await cancelWhenGracefulShutdown(work) }
}
