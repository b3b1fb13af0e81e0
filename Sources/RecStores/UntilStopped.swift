// A piece of work that ends when the program is told to.
import Foundation
import Logging
import ServiceLifecycle
import Synchronization

/// Runs work until it ends by itself, or SIGTERM or SIGINT comes; then its task is cancelled, and it finishes what is in hand.
/// - Parameters:
///   - patience: after a signal. Work that takes longer (a store that does not answer cannot be cancelled) is given up: the process says
///     so and ends with code 75, `EX_TEMPFAIL`.
///   - services: run beside the work and stop behind it; one that fails ends the work.
/// - Throws: what the work throws; where it throws nothing, what a service does.
public func untilStopped(
    patience: Duration = .seconds(30), beside services: [any Service] = [],
    _ work: @escaping @Sendable () async throws -> Void
) async throws {
    var logger = Logger(label: "lifecycle", factory: { StreamLogHandler.standardError(label: $0) })
    logger.logLevel = .warning
    let kept = Kept()
    let watch = Watch(patience)
    defer { watch.end() }
    var configuration = ServiceGroupConfiguration(
        services: services.map { .init(service: $0, failureTerminationBehavior: .gracefullyShutdownGroup) } + [
            .init(
                service: Work(work: work, kept: kept, watch: watch),
                successTerminationBehavior: .gracefullyShutdownGroup,
                failureTerminationBehavior: .gracefullyShutdownGroup)
        ],
        gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
    // Services that do not end by themselves are cancelled before all is given up.
    configuration.maximumGracefulShutdownDuration = patience / 2
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

/// Ends the process when a stop takes too long.
private final class Watch: Sendable {
    private let patience: Duration
    private let hasEnded = Mutex(false)

    init(_ patience: Duration) { self.patience = patience }

    /// On a thread of its own: those of Swift's pool may be held by what does not end.
    func begin() {
        Thread { [self] in
            Thread.sleep(forTimeInterval: patience / .seconds(1))
            hasEnded.withLock { hasEnded in
                guard !hasEnded else { return }
                let text = "given up after \(patience): a store does not answer, and not all was confirmed as done\n"
                // An output that nobody reads must not hold up the end.
                let isTold = DispatchSemaphore(value: 0)
                Thread {
                    try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
                    fflush(nil)
                    isTold.signal()
                }.start()
                _ = isTold.wait(timeout: .now() + 1)
                _exit(75)
            }
        }.start()
    }

    func end() { hasEnded.withLock { $0 = true } }
}

private struct Work: Service {
    let work: @Sendable () async throws -> Void
    let kept: Kept
    let watch: Watch

    func run() async throws {
        do {
            try await withGracefulShutdownHandler {
                try await cancelWhenGracefulShutdown(work)
            } onGracefulShutdown: {
                watch.begin()
            }
        } catch {
            kept.error.withLock { $0 = error }
            throw error
        }
    }
}
