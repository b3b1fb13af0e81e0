// Every port in memory, under one fault plan: what a test hands to an engine.
import RecCore

/// Working fakes of all ports. Their operations are named as those of the real stores: `sessions.record`, `sessions.states`,
/// `log.append`, `feed.next`, `feed.acknowledge`, `impressions.append`, `impressions.page`, `history.append`, `history.load`,
/// `history.position`, `history.page`, `history.count`, `catalog.upsert`, `catalog.items`, `catalog.page`, `catalog.remove`, `catalog.changes`,
/// `users.upsert`, `users.profiles`, `users.page`, `users.remove`, `models.publish`, `models.versions`, `models.current`, `models.load`, `models.activate`.
public struct InMemoryStores: Sendable {
    public let faults: FaultPlan
    public let history: InMemoryHistory
    public let sessions: InMemorySessionStore
    public let log: InMemoryLog
    public let impressions: InMemoryImpressionLog
    public let catalog: InMemoryCatalog
    public let users: InMemoryUserDirectory
    public let models: InMemoryModelStore

    public init(faults: FaultPlan = FaultPlan()) {
        self.faults = faults
        history = InMemoryHistory(faults: faults)
        sessions = InMemorySessionStore(faults: faults)
        log = InMemoryLog(faults: faults)
        impressions = InMemoryImpressionLog(faults: faults)
        catalog = InMemoryCatalog(faults: faults)
        users = InMemoryUserDirectory(faults: faults)
        models = InMemoryModelStore(faults: faults)
    }

    /// An engine on these stores; call `reload()` after a model is published.
    public func engine(
        _ configuration: RecommendationEngine.Configuration = RecommendationEngine.Configuration()
    ) -> RecommendationEngine {
        RecommendationEngine(
            sessions: sessions, log: log, impressions: impressions, catalog: catalog, users: users, models: models,
            configuration: configuration)
    }
}
