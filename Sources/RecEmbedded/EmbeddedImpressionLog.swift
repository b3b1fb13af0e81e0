// Impressions in SQLite.
import Foundation
import GRDB
import RecCore

/// `ImpressionLog` on the store file, idempotent by recommendation id.
public struct EmbeddedImpressionLog: ImpressionLog {
    private let database: StoreDatabase
    init(database: StoreDatabase) { self.database = database }

    /// The places of a list as they are stored.
    private struct Slate: Codable {
        let items: [String]
        let propensities: [Double]
    }

    public func append(_ impressions: [Impression]) async throws(StorageError) {
        guard !impressions.isEmpty else { return }
        try await database.write("impressions.append") { database in
            let statement = try database.cachedStatement(
                sql: """
                    INSERT INTO impression (recommendation, user, version, policy, mode, time, seed, slate)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
                    """)
            for impression in impressions {
                let slate = Slate(items: impression.items.map(\.rawValue), propensities: impression.propensities)
                try statement.execute(arguments: [
                    impression.recommendation, impression.user?.rawValue, impression.modelVersion.rawValue,
                    impression.policy, impression.mode, impression.timestamp.milliseconds,
                    Int64(bitPattern: impression.seed),
                    String(decoding: try JSONEncoder().encode(slate), as: UTF8.self),
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
                    """, arguments: [offset, limit])
            let impressions = try rows.map { row in
                let slateText: String = try row.value(8)
                guard let slate = try? JSONDecoder().decode(Slate.self, from: Data(slateText.utf8)),
                    let version = ModelVersion(try row.value(3))
                else {
                    throw StorageError(
                        .corrupt, operation: "impressions.page", reason: "a stored impression is not one")
                }
                let user: String? = try row.value(2)
                let time: Int64 = try row.value(6)
                let seed: Int64 = try row.value(7)
                return Impression(
                    recommendation: try row.value(1), user: user.map(UserID.init), modelVersion: version,
                    policy: try row.value(4),
                    mode: try row.value(5),
                    timestamp: Timestamp(milliseconds: time), seed: UInt64(bitPattern: seed),
                    items: slate.items.map(ItemID.init), propensities: slate.propensities)
            }
            return (impressions, try rows.last.map { try $0.value(0) } ?? offset)
        }
    }
}
