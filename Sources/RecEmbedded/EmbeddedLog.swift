// The event log in SQLite, and its consumers.
import GRDB
import RecCore

/// `InteractionLog` on the store file: an append-only table; its key is the offset.
public struct EmbeddedLog: InteractionLog {
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
}

/// `InteractionFeed` of one consumer group. It reads on from its last batch, and after a restart from the last acknowledged one.
public actor EmbeddedFeed: InteractionFeed {
    private let database: StoreDatabase
    private let group: String
    /// Offset behind the last batch given out; `nil` before the first.
    private var position: Int64?

    init(database: StoreDatabase, group: String) { (self.database, self.group) = (database, group) }

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
        let group = group
        try await database.write("feed.acknowledge") { database in
            guard batch.nextOffset > (try Self.committed(group, database)) else { return }
            try database.execute(
                sql: "INSERT OR REPLACE INTO feed (name, position) VALUES (?, ?)", arguments: [group, batch.nextOffset])
        }
    }

    private static func committed(_ group: String, _ database: Database) throws -> Int64 {
        try Int64.fetchOne(database, sql: "SELECT position FROM feed WHERE name = ?", arguments: [group]) ?? 0
    }
}
