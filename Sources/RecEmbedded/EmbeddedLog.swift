// The event log in SQLite, and its consumers.
import GRDB
import RecCore

/// `InteractionLog` on the store file: an append-only table; its key is the offset.
public struct EmbeddedLog: InteractionLog, PersonalDataStore {
    private let database: StoreDatabase
    init(database: StoreDatabase) { self.database = database }

    public func append(_ interactions: [Interaction]) async throws(StorageError) {
        guard !interactions.isEmpty else { return }
        try await database.write("log.append") { database in
            let insert = try database.cachedStatement(
                sql: """
                    INSERT INTO log (event, user, item, kind, time, weight, recommendation) VALUES (?, ?, ?, ?, ?, ?, ?)
                    """)
            for event in interactions {
                try insert.execute(arguments: [
                    event.event?.rawValue, event.user.rawValue, event.item.rawValue, event.kind.rawValue,
                    event.timestamp.milliseconds, Double(event.weight), event.recommendation,
                ])
            }
        }
    }

    public func erase(_ user: UserID) async throws(StorageError) -> Int {
        try await database.erase("log.erase") { database in
            try database.execute(sql: "DELETE FROM log WHERE user = ?", arguments: [user.rawValue])
            return database.changesCount
        }
    }
}

/// `SkippingFeed` of one consumer group. It reads on from its last batch, and after a restart from the last acknowledged one.
public actor EmbeddedFeed: SkippingFeed {
    private let database: StoreDatabase
    private let group: String
    /// Offset behind the last batch given out; `nil` before the first.
    private var position: Int64?

    /// Whether events that repeat history (``NamedHistory/isOfHistory(_:)``) leave the log once they are acknowledged.
    private let forgetsHistory: Bool

    init(database: StoreDatabase, group: String, forgetsHistory: Bool = false) {
        (self.database, self.group, self.forgetsHistory) = (database, group, forgetsHistory)
    }

    public func nextBatch(atMost count: Int, within: Duration) async throws(StorageError) -> InteractionBatch? {
        let clock = ContinuousClock()
        let deadline = clock.now + within
        while true {
            if let batch = try await read(atMost: count) {
                position = batch.nextOffset
                return batch
            }
            guard clock.now < deadline, !Task.isCancelled else { return nil }
            // Another process may append: look again soon, at most fifty times a second.
            try? await Task.sleep(until: min(deadline, clock.now + .milliseconds(20)), clock: clock)
        }
    }

    private func read(atMost count: Int) async throws(StorageError) -> InteractionBatch? {
        let (group, position) = (group, position)
        return try await database.read("feed.next") { database in
            let start = try position ?? Self.committed(group, database)
            let statement = try database.cachedStatement(
                sql: """
                    SELECT position, event, user, item, kind, time, weight, recommendation FROM log
                    WHERE position > ? ORDER BY position LIMIT ?
                    """)
            var last = start
            let interactions = try Row.fetchAll(statement, arguments: [start, max(1, count)]).map { row in
                last = try row.value(0)
                return try Interaction.stored(
                    event: try row.value(1), user: try row.value(2), item: try row.value(3), kind: try row.value(4),
                    time: try row.value(5), weight: try row.value(6), recommendation: try row.value(7),
                    operation: "feed.next")
            }
            return interactions.isEmpty ? nil : InteractionBatch(interactions: interactions, nextOffset: last)
        }
    }

    public func acknowledge(_ batch: InteractionBatch) async throws(StorageError) {
        let (group, forgetsHistory) = (group, forgetsHistory)
        try await database.write("feed.acknowledge") { database in
            let committed = try Self.committed(group, database)
            guard batch.nextOffset > committed else { return }
            try Self.commit(batch.nextOffset, of: group, database)
            guard forgetsHistory else { return }
            // History has them, and their windows are filled.
            try database.execute(
                sql: "DELETE FROM log WHERE position > ? AND position <= ? AND event GLOB ?",
                arguments: [committed, batch.nextOffset, "h" + String(repeating: "[0-9]", count: 12)])
        }
    }

    public func skipToEnd() async throws(StorageError) {
        let group = group
        position = try await database.write("feed.skip") { database in
            let end = try Int64.fetchOne(database, sql: "SELECT max(position) FROM log") ?? 0
            let place = max(end, try Self.committed(group, database))
            try Self.commit(place, of: group, database)
            return place
        }
    }

    private static func commit(_ position: Int64, of group: String, _ database: Database) throws {
        try database.execute(
            sql: "INSERT OR REPLACE INTO feed (name, position) VALUES (?, ?)", arguments: [group, position])
    }

    private static func committed(_ group: String, _ database: Database) throws -> Int64 {
        try Int64.fetchOne(database, sql: "SELECT position FROM feed WHERE name = ?", arguments: [group]) ?? 0
    }
}
