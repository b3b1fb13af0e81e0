// Answers requests from one immutable model snapshot and the live windows of users.
import Synchronization

public final class RecommendationEngine: Sendable {
    private let sessions: any SessionStore
    private let log: any InteractionLog
    private let impressions: any ImpressionLog
    private let catalog: any ItemCatalog
    private let models: any ModelStore
    private let served = Mutex<ModelSnapshot?>(nil)

    public init(
        sessions: any SessionStore, log: any InteractionLog, impressions: any ImpressionLog, catalog: any ItemCatalog,
        models: any ModelStore
    ) {
        (self.sessions, self.log, self.impressions) = (sessions, log, impressions)
        (self.catalog, self.models) = (catalog, models)
    }

    /// Version being served; `nil` before the first successful ``reload()``.
    public var modelVersion: ModelVersion? { served.withLock { $0?.version } }

    /// Loads the store's current version if it is not the served one. A version that fails to load leaves the served one in place.
    /// - Returns: the version served afterwards; `nil` when nothing was published.
    @discardableResult
    public func reload() async throws(StorageError) -> ModelVersion? {
        guard let version = try await models.current() else { return modelVersion }
        if version == modelVersion { return version }
        let snapshot = try await models.load(version)
        served.withLock { $0 = snapshot }
        return version
    }

    public func recommend(
        _ request: RecommendationRequest, id: String, now: Timestamp
    ) async throws(RecommendationError) -> Recommendations {
        throw .noModel
    }

    /// Takes events in: the log and the windows, at the same time. The next answer of these users knows them.
    /// Every interaction needs an event id.
    public func record(_ interactions: [Interaction]) async throws(StorageError) {
        try await log.append(interactions)
        _ = try await sessions.record(interactions)
    }
}
