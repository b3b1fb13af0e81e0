// A piece of work that ends when the program is told to.
import Logging
import ServiceLifecycle
import Synchronization

/// Runs work until it ends by itself, or SIGTERM or SIGINT comes; then its task is cancelled, and it finishes what is in hand.
/// - Parameters:
///   - patience: after a signal; work that takes longer is given up.
///   - services: run beside the work and stop behind it; one that fails ends the work.
/// - Throws: what the work throws; where it throws nothing, what a service does.
public func untilStopped(
    patience: Duration = .seconds(10), beside services: [any Service] = [],
    _ work: @escaping @Sendable () async throws -> Void
) async throws {
    var logger = Logger(label: "lifecycle", factory: { StreamLogHandler.standardError(label: $0) })
    logger.logLevel = .warning
    let kept = Kept()
    var configuration = ServiceGroupConfiguration(
        services: services.map { .init(service: $0, failureTerminationBehavior: .gracefullyShutdownGroup) } + [
            .init(
                service: Work(work: work, kept: kept), successTerminationBehavior: .gracefullyShutdownGroup,
                failureTerminationBehavior: .gracefullyShutdownGroup)
        ],
        gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
    configuration.maximumGracefulShutdownDuration = patience
    do {
        try await ServiceGroup(configuration: configuration).run()
    } catch {
        throw kept.error.withLock { $0 } ?? error
    }
    // A group whose patience is over ends well whatever its services throw then.
    if let error = kept.error.withLock({ $0 }) { throw error }
}

/// What the work threw.
private final class Kept: Sendable {
    let error = Mutex<(any Error)?>(nil)
}

private struct Work: Service {
    let work: @Sendable () async throws -> Void
    let kept: Kept

    func run() async throws {
        do { try await cancelWhenGracefulShutdown(work) } catch {
            kept.error.withLock { $0 = error }
            throw error
        }
    }
}
