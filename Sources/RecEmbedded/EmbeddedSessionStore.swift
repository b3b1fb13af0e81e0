// Windows of the last interactions in SQLite.
import GRDB
import RecCore

/// `SessionStore` on the store file: one transaction a batch, exact under duplicates and disorder.
public struct EmbeddedSessionStore: SessionStore, PersonalDataStore {
    private let database: StoreDatabase
    init(database: StoreDatabase) { self.database = database }

    public func record(_ interactions: [Interaction]) async throws(StorageError) -> [UserID: SessionState] {
        try await database.write("sessions.record") { database in
            var states: [UserID: SessionState] = [:]
            for (user, events) in Dictionary(grouping: interactions, by: \.user) {
                let before = try Self.state(of: user, database)
                var after = before
                for event in events { after.insert(event) }
                states[user] = after
                guard after != before else { continue }
                try database.cachedStatement(sql: "DELETE FROM session WHERE user = ?").execute(arguments: [
                    user.rawValue
                ])
                let insert = try database.cachedStatement(
                    sql: "INSERT INTO session (user, event, item, kind, time, weight) VALUES (?, ?, ?, ?, ?, ?)")
                for event in after.interactions {
                    try insert.execute(arguments: [
                        user.rawValue, event.event?.rawValue, event.item.rawValue, event.kind.rawValue,
                        event.timestamp.milliseconds, Double(event.weight),
                    ])
                }
            }
            return states
        }
    }

    public func states(of users: [UserID]) async throws(StorageError) -> [UserID: SessionState] {
        try await database.read("sessions.states") { database in
            var states: [UserID: SessionState] = [:]
            for user in Set(users) {
                let state = try Self.state(of: user, database)
                if !state.interactions.isEmpty { states[user] = state }
            }
            return states
        }
    }

    public func erase(_ user: UserID) async throws(StorageError) -> Int {
        try await database.erase("sessions.erase") { database in
            try database.execute(sql: "DELETE FROM session WHERE user = ?", arguments: [user.rawValue])
            return min(1, database.changesCount)
        }
    }

    private static func state(of user: UserID, _ database: Database) throws -> SessionState {
        let statement = try database.cachedStatement(
            sql: "SELECT event, item, kind, time, weight FROM session WHERE user = ?")
        return SessionState(
            try Row.fetchAll(statement, arguments: [user.rawValue]).map { row in
                try Interaction.stored(
                    event: try row.value(0), user: user.rawValue, item: try row.value(1), kind: try row.value(2),
                    time: try row.value(3), weight: try row.value(4),
                    operation: "sessions.states")
            })
    }
}
