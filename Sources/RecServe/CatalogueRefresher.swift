// Keeps the served model up with the catalogue.
import Logging
import RecCore
import ServiceLifecycle

/// A service that takes what changed in the catalogue into the served model, several times a second: an item that was added is
/// recommendable, and a hidden one is not any more, within a second.
///
/// A catalogue that cannot be read leaves the served model as it is and is asked again in the next round; it is logged when it
/// begins to fail, fails otherwise, and answers again.
public struct CatalogueRefresher: Service {
    private let engine: RecommendationEngine
    private let period: Duration
    private let clock: any Clock<Duration>
    private let logger: Logger

    /// - Parameters:
    ///   - engine: whose model takes the changes in.
    ///   - period: pause between two rounds; a round without a change is one indexed query.
    ///   - clock: what the pause is measured by.
    ///   - logger: told when the catalogue begins to fail, and when it answers again.
    public init(
        engine: RecommendationEngine, every period: Duration = .milliseconds(250),
        clock: any Clock<Duration> = ContinuousClock(),
        logger: Logger
    ) {
        (self.engine, self.period, self.clock, self.logger) = (engine, period, clock, logger)
    }

    /// Runs until graceful shutdown or cancellation.
    public func run() async throws {
        await cancelWhenGracefulShutdown {
            var cycle = RefreshCycle()
            while !Task.isCancelled {
                do { try await clock.sleep(for: period) } catch { break }
                await cycle.refresh(engine, logger: logger)
            }
        }
    }
}

/// One round after the other: what failed last.
struct RefreshCycle {
    private var failure: String?

    /// Refreshes once; writes a line when a failure is not the one of the last round, and when there is none any more.
    mutating func refresh(_ engine: RecommendationEngine, logger: Logger) async {
        do throws(StorageError) {
            let count = try await engine.refreshCatalogue()
            if count > 0 { logger.debug("Catalogue changes taken in", metadata: [LogKey.count: "\(count)"]) }
            guard failure != nil else { return }
            failure = nil
            logger.info("Catalogue is followed again")
        } catch {
            guard failure != error.description else { return }
            failure = error.description
            logger.error(
                "Catalogue not read, the model serves on without its changes",
                metadata: [
                    LogKey.code: "\(error.code)", LogKey.operation: "\(error.operation)",
                    LogKey.reason: "\(error.reason)",
                ])
        }
    }
}
