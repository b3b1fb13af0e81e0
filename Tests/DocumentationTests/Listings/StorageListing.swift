// The listings of RecStorage's landing page, word for word.
import Logging
import RecCore
import RecEmbedded
import RecStorage

func serversOf(
    flags: [String: String], environment: [String: String], file: String?
) throws -> (StorageSettings, StorageConfiguration) {
    // Listing begins: settings
    let settings = try StorageSettings(flags: flags, environment: environment, file: file)
    let servers = try StorageConfiguration(settings, purpose: .serving)
    print(settings.description)  // where each value came from; secrets as "(set)"
    // Listing ends
    return (settings, servers)
}

func openStores(
    _ servers: StorageConfiguration, embedded: EmbeddedStore
) async throws -> RecommendationEngine {
    // Listing begins: an engine on servers
    var postgres: PostgresStore?
    if let configuration = servers.postgres {
        postgres = try await PostgresStore(configuration, schema: .required)
    }
    let sessions: any SessionStore = servers.redis.map { RedisSessionStore($0) } ?? embedded.sessions
    let log: any InteractionLog = servers.kafka.map { KafkaLog($0) } ?? embedded.log
    let engine = RecommendationEngine(
        sessions: sessions, log: log, impressions: postgres?.impressions ?? embedded.impressions,
        catalog: postgres?.catalog ?? embedded.catalog, users: postgres?.users ?? embedded.users,
        models: postgres?.models(files: embedded.models) ?? embedded.models)
    // Listing ends
    return engine
}

func processorListing(
    _ feed: any InteractionFeed, sessions: any SessionStore, history: any InteractionStore,
    impressions: any ImpressionLog
) async throws -> StreamReport {
    // Listing begins: a stream processor
    let processor = StreamPipeline(feed: feed, sessions: sessions, history: history, impressions: impressions)
    let report = try await processor.run(until: .whenIdle, clock: ContinuousClock())
    print(report.events, "events,", report.added, "new in history,", report.retries, "calls made again")
    // Listing ends
    return report
}
