// Keeps the served model the store's current one.
import Logging
import RecCore
import ServiceLifecycle

/// A service that asks the store for its current model every few seconds and swaps it in.
///
/// A version that cannot be loaded leaves the served one in place and is tried again; it is logged once, not every time.
public struct ModelReloader: Service {
    private let engine: RecommendationEngine
    private let metrics: ServerMetrics
    private let period: Duration
    private let clock: any Clock<Duration>
    private let logger: Logger

    /// - Parameters:
    ///   - engine: takes up models.
    ///   - metrics: counts models that were loaded and those that could not be.
    ///   - period: pause between two questions.
    ///   - clock: what the pause is measured by.
    ///   - logger: told of another model, and once of one that cannot be loaded.
    public init(
        engine: RecommendationEngine, metrics: ServerMetrics = ServerMetrics(), every period: Duration = .seconds(2),
        clock: any Clock<Duration> = ContinuousClock(),
        logger: Logger
    ) {
        (self.engine, self.metrics, self.period, self.clock, self.logger) = (engine, metrics, period, clock, logger)
    }

    /// Runs until graceful shutdown or cancellation.
    public func run() async throws {
        await cancelWhenGracefulShutdown {
            var cycle = ReloadCycle(served: engine.modelVersion, metrics: metrics)
            while !Task.isCancelled {
                do { try await clock.sleep(for: period) } catch { break }
                await cycle.reload(engine, logger: logger)
            }
        }
    }
}

/// One round after the other: what was served and what failed last.
struct ReloadCycle {
    private(set) var served: ModelVersion?
    private var failure: String?
    private var experimentFailure: String?
    /// A version that was refused: verifying it again costs a pass over its files, so it is tried again only now and then.
    private var refused: ModelVersion?
    private var rounds = 0
    static let roundsBetweenTrials = 30

    private let metrics: ServerMetrics

    init(served: ModelVersion?, metrics: ServerMetrics = ServerMetrics()) {
        (self.served, self.metrics) = (served, metrics)
    }

    /// Reloads once; writes a line when the served version changed, and when a failure is not the one of the last round.
    mutating func reload(_ engine: RecommendationEngine, logger: Logger) async {
        rounds += 1
        await reloadCurrent(engine, logger)
        do throws(StorageError) {
            try await engine.loadExperiment()
            experimentFailure = nil
        } catch {
            guard experimentFailure != error.description else { return }
            experimentFailure = error.description
            metrics.loaded(error)
            logger.error(
                "Model of a variant not loaded, the current one answers for it",
                metadata: [
                    LogKey.code: "\(error.code)", LogKey.operation: "\(error.operation)",
                    LogKey.reason: "\(error.reason)",
                ])
        }
    }

    private mutating func reloadCurrent(_ engine: RecommendationEngine, _ logger: Logger) async {
        var published: ModelVersion?
        do throws(StorageError) {
            published = try await engine.publishedVersion()
            if let published, published == refused, rounds % Self.roundsBetweenTrials != 0 { return }
            let version = try await engine.reload()
            (failure, refused) = (nil, nil)
            if let version, version != served {
                metrics.loaded(nil)
                logger.info("Serving another model", metadata: [LogKey.model: "\(version)"])
            }
            served = version
        } catch {
            refused = error.code == .corrupt ? published : nil
            metrics.loaded(error)
            guard failure != error.description else { return }
            failure = error.description
            logger.error(
                "Model not loaded, the old one serves on",
                metadata: [
                    LogKey.code: "\(error.code)", LogKey.operation: "\(error.operation)",
                    LogKey.reason: "\(error.reason)", LogKey.model: "\(served?.rawValue ?? "none")",
                ])
        }
    }
}
