// Carries what was shown from the engine's queue to its log.
import Logging
import RecCore
import ServiceLifecycle
import Synchronization

/// A service that writes the engine's impressions until graceful shutdown, and then what is queued. Run one for each engine that answers requests.
public struct ImpressionWriter: Service {
    private let engine: RecommendationEngine
    private let logger: Logger
    private let failures: FailureLog
    private let metrics: ServerMetrics
    private let now: @Sendable () -> Timestamp

    /// - Parameters:
    ///   - engine: whose impressions are written.
    ///   - metrics: counts those that are lost.
    ///   - logger: told when the log does not take them, not of each batch.
    ///   - now: the moment of a failure.
    public init(
        engine: RecommendationEngine, metrics: ServerMetrics = ServerMetrics(), logger: Logger,
        now: @escaping @Sendable () -> Timestamp = SystemSource.now
    ) {
        (self.engine, self.metrics, self.logger, self.now) = (engine, metrics, logger, now)
        failures = FailureLog(logger)
    }

    /// Runs until graceful shutdown or cancellation. How many were lost is told at the end: nobody scrapes the metrics then.
    public func run() async throws {
        let all = Mutex(0)
        await withGracefulShutdownHandler {
            await engine.writeImpressions(pause: .milliseconds(20)) { error, lost in
                metrics.count("reco_impressions_lost", [], lost)
                all.withLock { $0 += lost }
                failures.note(error, code: "impressions_lost", now: now())
            }
        } onGracefulShutdown: {
            engine.finishImpressions()
        }
        let lost = all.withLock { $0 }
        if lost > 0 { logger.error("Impressions were lost since the start", metadata: [LogKey.count: "\(lost)"]) }
    }
}
