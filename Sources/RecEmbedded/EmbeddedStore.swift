// Every port on one SQLite file in a data folder: the store of a shop without servers.
import Foundation
import RecCore

/// A data folder: `store.sqlite` with catalogue, customers, history, windows, event log and impressions, and `models/`.
///
/// Crash-safe: every call is one transaction, and what it returned from is on disk. Several processes may open the same folder.
public final class EmbeddedStore: Sendable {
    /// All interactions, for training.
    public let history: EmbeddedHistory
    /// Each user's last events.
    public let sessions: EmbeddedSessionStore
    /// Events as they come, until ``takeLoggedEvents(into:impressions:)`` has them.
    public let log: EmbeddedLog
    /// What was shown, and what became of it.
    public let impressions: EmbeddedImpressionLog
    /// The items.
    public let catalog: EmbeddedCatalog
    /// The customers' attributes.
    public let users: EmbeddedUserDirectory
    /// Published models, in `models/` of the folder.
    public let models: EmbeddedModelStore
    private let database: StoreDatabase

    /// Opens the folder, making what is missing; what it makes only its owner may read.
    /// - Parameters:
    ///   - folder: its path.
    ///   - creating: false where a folder without a store is a mistake: then `.notFound`.
    /// - Throws: `.unavailable` when the folder cannot be made or written, `.corrupt` when the file is not a database of ours.
    public init(folder: String, creating: Bool = true) async throws(StorageError) {
        let opened = await BlockingQueue.shared.run { () -> Result<StoreDatabase, StorageError> in
            guard creating || FileManager.default.fileExists(atPath: folder + "/store.sqlite") else {
                return .failure(
                    StorageError(
                        .notFound, operation: "store.open",
                        reason: "there is no data folder \(folder): make one with rec-ingest FILE --data \(folder)"))
            }
            do throws(StorageError) {
                try Self.makeFolder(folder)
                return .success(try StoreDatabase(path: folder + "/store.sqlite"))
            } catch {
                return .failure(error)
            }
        }
        database = try opened.get()
        history = EmbeddedHistory(database: database)
        sessions = EmbeddedSessionStore(database: database)
        log = EmbeddedLog(database: database)
        impressions = EmbeddedImpressionLog(database: database)
        catalog = EmbeddedCatalog(database: database)
        users = EmbeddedUserDirectory(database: database)
        models = EmbeddedModelStore(directory: try ModelDirectory(path: folder + "/models"))
    }

    /// Makes what is missing for its owner alone, whatever the umask says: histories lie there. What is there keeps its rights.
    private static func makeFolder(_ folder: String) throws(StorageError) {
        func check(_ isMade: Bool, _ what: String) throws(StorageError) {
            guard isMade || errno == EEXIST else {
                throw StorageError(
                    .unavailable, operation: "store.open",
                    reason: "cannot make \(what): \(String(cString: strerror(errno)))")
            }
        }
        let above = FolderPath.above(folder)
        // From where the process is, in the way of mkdir: Foundation reads a leading tilde as a home. Failing is told by the next step.
        try? FileManager.default.createDirectory(
            atPath: above.hasPrefix("~") ? "./" + above : above, withIntermediateDirectories: true)
        try check(mkdir(folder, 0o700) == 0, "the folder \(folder)")
        // SQLite gives the files beside it the rights of this one.
        let file = folder + "/store.sqlite"
        let descriptor = open(file, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        try check(descriptor >= 0, file)
        if descriptor >= 0 { close(descriptor) }
    }

    /// An engine on this folder; `reload()` takes up the current model.
    public func engine(
        _ configuration: RecommendationEngine.Configuration = RecommendationEngine.Configuration()
    ) -> RecommendationEngine {
        RecommendationEngine(
            sessions: sessions, log: log, impressions: impressions, catalog: catalog, users: users, models: models,
            configuration: configuration)
    }

    /// Takes the events of the log into the history, each once, and notes those that name an answer beside its impression; what training
    /// and evaluation read then holds them.
    /// - Returns: how many were new.
    /// - Parameters:
    ///   - other: the history to take them into; `nil` = this store's own.
    ///   - otherImpressions: so for the impressions.
    public func takeLoggedEvents(
        into other: (any InteractionStore)? = nil, impressions otherImpressions: (any ImpressionLog)? = nil
    ) async throws(StorageError) -> Int {
        let (history, impressions): (any InteractionStore, any ImpressionLog) = (
            other ?? history, otherImpressions ?? impressions
        )
        let feed = feed(group: "history")
        var count = 0
        while let batch = try await feed.nextBatch(atMost: 5_000, within: .zero) {
            // What a replay put into the log is in the history already.
            count += try await history.append(batch.interactions.filter { !NamedHistory.isOfHistory($0) })
            try await impressions.append(outcomes: batch.interactions.compactMap { Outcome($0) })
            try await feed.acknowledge(batch)
        }
        return count
    }

    /// Writes the write-ahead log into the file and cuts it to nothing, after which nothing that was erased is in either.
    /// - Returns: false when somebody read at length: call it again later.
    public func emptyJournal() async -> Bool { await database.emptyJournal() }

    /// Everything that training reads: history, catalogue and customers.
    public func trainingData(
        progress: @Sendable (_ done: Int, _ of: Int) -> Void = { _, _ in }
    ) async throws(StorageError) -> TrainingData {
        try await TrainingData.read(history: history, catalog: catalog, users: users, progress: progress)
    }

    /// A consumer of the event log; consumers of different groups do not see each other.
    /// - Parameters:
    ///   - group: name of the consumers that share a place in the log.
    ///   - forgetsHistory: whether events that repeat history leave the log once this group has acknowledged them.
    ///     Other groups miss nothing by it: history has these events, and the group that took them has filled their
    ///     windows.
    public func feed(group: String, forgetsHistory: Bool = false) -> EmbeddedFeed {
        EmbeddedFeed(database: database, group: group, forgetsHistory: forgetsHistory)
    }
}
