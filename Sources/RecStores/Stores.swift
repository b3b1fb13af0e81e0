// The stores of a program: the embedded one in a data folder, or the servers that the settings name in its place.
import Foundation
import Logging
import RecCore
import RecEmbedded
import RecStorage

/// Every port, each on the store that the configuration names: history, catalogue, customers and impressions on PostgreSQL,
/// the registry of models too; windows on Redis, the event log on Kafka; what is not configured lies in the data folder, where the
/// files of models always lie.
public struct Stores: Sendable {
    public let history: any InteractionStore
    public let catalog: any ItemCatalog
    public let users: any UserDirectory
    public let sessions: any SessionStore
    public let log: any InteractionLog
    public let impressions: any ImpressionLog
    public let models: any ModelStore
    public let configuration: StorageConfiguration
    /// All that holds something of persons, beside the directories.
    let personal: [(part: String, store: any PersonalDataStore)]
    let directories: [any UserDirectory]
    let embedded: EmbeddedStore
    private let postgres: PostgresStore?
    private let kafkaLog: KafkaLog?
    private let kafkaLag: KafkaLagMonitor?
    private let logger: Logger

    /// Opens the folder and connects to PostgreSQL, whose tables are made or brought up to date; Redis and Kafka are
    /// connected to at the first call.
    /// - Parameter creating: false where a folder without a store is a mistake. With PostgreSQL it is none.
    public init(
        folder: String, configuration: StorageConfiguration, purpose: StorageConfiguration.Purpose, creating: Bool,
        logger: Logger
    ) async throws(StorageError) {
        (self.configuration, self.logger) = (configuration, logger)
        embedded = try await EmbeddedStore(folder: folder, creating: creating || configuration.postgres != nil)
        var others: [(part: String, store: any PersonalDataStore)] = []
        if let settings = configuration.postgres {
            let store = try await PostgresStore(settings)
            others += [("history", store.history), ("impressions and outcomes", store.impressions)]
            directories = [embedded.users, store.users]
            (history, catalog, users) = (store.history, store.catalog, store.users)
            (impressions, postgres) = (store.impressions, store)
            models = store.models(files: embedded.models)
        } else {
            (history, catalog, users) = (embedded.history, embedded.catalog, embedded.users)
            (impressions, postgres) = (embedded.impressions, nil)
            models = embedded.models
            directories = [embedded.users]
        }
        if let settings = configuration.redis {
            let store = RedisSessionStore(settings)
            others.append(("windows", store))
            sessions = store
        } else {
            sessions = embedded.sessions
        }
        personal = Self.personal(embedded, others)
        kafkaLog = configuration.kafka.map {
            KafkaLog($0, deadline: purpose == .serving ? .seconds(2) : .seconds(30), logger: logger)
        }
        kafkaLag = configuration.kafka.map { KafkaLagMonitor($0) }
        log = kafkaLog ?? embedded.log
    }

    /// An engine on these stores; `reload()` takes up the current model.
    /// - Parameters:
    ///   - configuration: without a number of lists at once, as many as there are processors.
    ///   - sessions: in place of ``sessions``, such as the same behind a guard; so for the others.
    public func engine(
        _ configuration: RecommendationEngine.Configuration? = nil, sessions: (any SessionStore)? = nil,
        log: (any InteractionLog)? = nil, users: (any UserDirectory)? = nil
    ) -> RecommendationEngine {
        let sessions = sessions ?? self.sessions
        var standard = RecommendationEngine.Configuration()
        standard.slatesAtOnce = ProcessInfo.processInfo.activeProcessorCount
        return RecommendationEngine(
            sessions: self.configuration.kafka == nil ? sessions : FollowedSessions(base: sessions),
            log: log ?? self.log, impressions: impressions, catalog: catalog, users: users ?? self.users,
            models: models, configuration: configuration ?? standard)
    }

    /// Everything that training reads: history, catalogue and customers.
    public func trainingData(
        progress: @Sendable (_ done: Int, _ of: Int) -> Void = { _, _ in }
    ) async throws(StorageError) -> TrainingData {
        try await TrainingData.read(history: history, catalog: catalog, users: users, progress: progress)
    }

    /// Takes the events of the embedded log into the history, those from before Kafka was named included. Kafka's are taken
    /// by the stream processors.
    /// - Returns: how many were new.
    public func takeLoggedEvents() async throws(StorageError) -> Int {
        try await embedded.takeLoggedEvents(into: history, impressions: impressions)
    }

    /// Notes rows that a bulk load refused in PostgreSQL; without it the file of refused rows is all there is.
    public func noteRefused(
        _ rows: [(line: Int64, reason: String)], of source: String
    ) async throws(StorageError) {
        try await postgres?.rejects.add(rows, of: source)
    }

    /// After a bulk load: lets the database look at what its tables hold now.
    public func finishLoading() async throws(StorageError) { try await postgres?.analyze() }

    /// Ends the connections of the log. What is not acknowledged by then is given up, and its callers are told.
    public func close() async {
        await kafkaLog?.close()
        await kafkaLag?.close()
    }

    /// Where the windows' feed comes from.
    public func feed() throws(StorageError) -> EventFeed {
        if let kafka = configuration.kafka { return .kafka(try KafkaFeed(kafka, logger: logger) { Self.refusal($0) }) }
        return .embedded(embedded.feed(group: "windows"))
    }

    /// An event of the future would stay in its window for ever.
    private static func refusal(_ event: Interaction) -> String? {
        let limit = Date().timeIntervalSince1970 * 1000 + 300_000
        return Double(event.timestamp.milliseconds) > limit ? "future: the time lies more than 5 minutes ahead" : nil
    }

    /// How many events the processors have not acknowledged; `nil` = this log does not tell.
    public func lag() -> (@Sendable () async throws(StorageError) -> Int64)? {
        guard let kafkaLag else { return nil }
        return { () async throws(StorageError) -> Int64 in try await kafkaLag.lag().total }
    }

    /// A replay of history into the windows that a page can start and watch; `nil` where stream processors of their own read the
    /// log.
    /// - Parameter instant: measures its rate.
    public func watchedReplay(instant: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) -> WatchedReplay? {
        guard configuration.kafka == nil else { return nil }
        return WatchedReplay(
            history: history, log: log, feed: embedded.feed(group: "page", forgetsHistory: true), sessions: sessions,
            instant: instant)
    }

    /// Tells this history from others, for places that are kept beside it.
    public func historyIdentity() async throws(StorageError) -> String {
        try await postgres?.identity() ?? "embedded"
    }

    /// One line: what lies where.
    public var description: String {
        let places = [
            "history, catalogue, customers and impressions: "
                + (configuration.postgres.map(\.description) ?? "embedded"),
            "windows: " + (configuration.redis.map(\.description) ?? "embedded"),
            "event log: " + (configuration.kafka.map(\.description) ?? "embedded"),
        ]
        return places.joined(separator: "; ")
    }
}

/// The consumer's side of the configured log.
public enum EventFeed: Sendable {
    case embedded(EmbeddedFeed)
    case kafka(KafkaFeed)

    public var events: any InteractionFeed {
        switch self {
        case .embedded(let feed): feed
        case .kafka(let feed): feed
        }
    }

    /// Messages that could not be read and went to the dead letters.
    public func deadLetters() async -> Int {
        switch self {
        case .embedded: 0
        case .kafka(let feed): await feed.deadLetterCount
        }
    }

    /// Leaves the group: what was not acknowledged comes to another member at once.
    public func close() async {
        if case .kafka(let feed) = self { await feed.close() }
    }
}
