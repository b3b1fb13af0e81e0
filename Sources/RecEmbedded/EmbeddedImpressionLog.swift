// Impressions in SQLite.
import GRDB
import RecCore

/// `ImpressionLog` on the store file, idempotent by recommendation id.
public struct EmbeddedImpressionLog: ImpressionLog, PersonalDataStore {
    private let database: StoreDatabase
    init(database: StoreDatabase) { self.database = database }

    public func append(_ impressions: [Impression]) async throws(StorageError) {
        guard !impressions.isEmpty else { return }
        try await database.write("impressions.append") { database in
            let statement = try database.cachedStatement(
                sql: """
                    INSERT INTO impression (recommendation, user, version, policy, mode, time, seed, slate)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
                    """)
            for impression in impressions {
                try statement.execute(arguments: [
                    impression.recommendation, impression.user?.rawValue, impression.modelVersion.rawValue,
                    impression.policy, impression.mode, impression.timestamp.milliseconds,
                    Int64(bitPattern: impression.seed), try StoredSlate.text(of: impression),
                ])
            }
        }
    }

    public func page(
        after offset: Int64, limit: Int
    ) async throws(StorageError) -> (impressions: [Impression], nextOffset: Int64) {
        try await database.read("impressions.page") { database in
            let rows = try Row.fetchAll(
                database,
                sql: """
                    SELECT id, recommendation, user, version, policy, mode, time, seed, slate FROM impression
                    WHERE id > ? ORDER BY id LIMIT ?
                    """, arguments: [offset, max(0, limit)])
            let impressions = try rows.map { row in
                try StoredSlate.impression(
                    try row.value(8),
                    StoredSlate.Columns(
                        recommendation: try row.value(1), user: try row.value(2), version: try row.value(3),
                        policy: try row.value(4), mode: try row.value(5), milliseconds: try row.value(6),
                        seed: try row.value(7)))
            }
            return (impressions, try rows.last.map { try $0.value(0) } ?? offset)
        }
    }

    public func erase(_ user: UserID) async throws(StorageError) -> Int {
        try await database.erase("impressions.erase") { database in
            try database.execute(
                sql:
                    "DELETE FROM outcome WHERE recommendation IN (SELECT recommendation FROM impression WHERE user = ?)",
                arguments: [user.rawValue])
            let outcomes = database.changesCount
            try database.execute(sql: "DELETE FROM impression WHERE user = ?", arguments: [user.rawValue])
            return outcomes + database.changesCount
        }
    }

    public func append(outcomes: [Outcome]) async throws(StorageError) {
        guard !outcomes.isEmpty else { return }
        try await database.write("impressions.outcomes") { database in
            let statement = try database.cachedStatement(
                sql: """
                    INSERT INTO outcome (recommendation, event, item, kind, time, weight) VALUES (?, ?, ?, ?, ?, ?)
                    ON CONFLICT DO NOTHING
                    """)
            for outcome in outcomes {
                try statement.execute(arguments: [
                    outcome.recommendation, outcome.event.rawValue, outcome.item.rawValue, outcome.kind.rawValue,
                    outcome.timestamp.milliseconds, Double(outcome.weight),
                ])
            }
        }
    }

    public func outcomes(of recommendations: [String]) async throws(StorageError) -> [String: [Outcome]] {
        try await database.read("impressions.outcomes") { database in
            let statement = try database.cachedStatement(
                sql: """
                    SELECT event, item, kind, time, weight FROM outcome WHERE recommendation = ? ORDER BY time, event
                    """)
            var found: [String: [Outcome]] = [:]
            for recommendation in recommendations {
                let outcomes = try Row.fetchAll(statement, arguments: [recommendation]).map { row in
                    guard let kind = InteractionKind(try row.value(2)) else {
                        throw StorageError(
                            .corrupt, operation: "impressions.outcomes", reason: "a stored outcome is not one")
                    }
                    let (event, item): (String, String) = (try row.value(0), try row.value(1))
                    let (time, weight): (Int64, Double) = (try row.value(3), try row.value(4))
                    return Outcome(
                        recommendation: recommendation, item: ItemID(item), kind: kind,
                        timestamp: Timestamp(milliseconds: time), weight: Float(weight), event: EventID(event))
                }
                if !outcomes.isEmpty { found[recommendation] = outcomes }
            }
            return found
        }
    }
}
