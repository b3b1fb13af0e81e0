// Every port in memory, under one fault plan: what a test hands to an engine.
import RecCore

/// Working fakes of all ports. Their operations are named by port and call: `sessions.record` (`add` too, which is done by it),
/// `sessions.states`, `sessions.erase`, `log.append`, `feed.next`, `feed.acknowledge`, `feed.skip`, `impressions.append`, `impressions.page`,
/// `impressions.outcomes`, `impressions.erase`, `history.append`, `history.load`, `history.position`, `history.page`, `history.count`,
/// `history.erase`, `catalog.upsert`, `catalog.items`, `catalog.page`, `catalog.remove`, `catalog.changes`,
/// `users.upsert`, `users.profiles`, `users.page`, `users.remove`, `models.publish`, `models.versions`, `models.current`, `models.load`, `models.activate`.
public struct InMemoryStores: Sendable {
    /// The plan that all of them keep to.
    public let faults: FaultPlan
    /// All interactions.
    public let history: InMemoryHistory
    /// Each user's last events.
    public let sessions: InMemorySessionStore
    /// Events as they come.
    public let log: InMemoryLog
    /// What was shown, and what became of it.
    public let impressions: InMemoryImpressionLog
    /// The items.
    public let catalog: InMemoryCatalog
    /// The customers' attributes.
    public let users: InMemoryUserDirectory
    /// Published models.
    public let models: InMemoryModelStore

    /// Empty stores under one plan.
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
