// A piece of work that ends when the program is told to.
import Logging
import ServiceLifecycle

/// Runs work until it ends by itself, or SIGTERM or SIGINT comes; then its task is cancelled, and it finishes what is in hand.
/// - Parameter patience: after a signal; work that takes longer is given up.
public func untilStopped(
    patience: Duration = .seconds(10), _ work: @escaping @Sendable () async throws -> Void
) async throws {
    var logger = Logger(label: "lifecycle", factory: { StreamLogHandler.standardError(label: $0) })
    logger.logLevel = .warning
    var configuration = ServiceGroupConfiguration(
        services: [.init(service: Work(work: work), successTerminationBehavior: .gracefullyShutdownGroup)],
        gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
    configuration.maximumGracefulShutdownDuration = patience
    try await ServiceGroup(configuration: configuration).run()
}

private struct Work: Service {
    let work: @Sendable () async throws -> Void
    func run() async throws { try await cancelWhenGracefulShutdown(work) }
}
