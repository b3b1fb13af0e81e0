// Carries what was shown from the engine's queue to its log.
import Logging
import RecCore
import ServiceLifecycle

/// A service that writes the engine's impressions until graceful shutdown, and then what is queued. Run one for each engine that answers requests.
public struct ImpressionWriter: Service {
    private let engine: RecommendationEngine
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
        (self.engine, self.metrics, self.failures, self.now) = (engine, metrics, FailureLog(logger), now)
    }

    /// Runs until graceful shutdown or cancellation.
    public func run() async throws {
        await withGracefulShutdownHandler {
            await engine.writeImpressions(pause: .milliseconds(20)) { error, lost in
                metrics.count("reco_impressions_lost", [], lost)
                failures.note(error, code: "impressions_lost", count: lost, now: now())
            }
        } onGracefulShutdown: {
            engine.finishImpressions()
        }
    }
}
