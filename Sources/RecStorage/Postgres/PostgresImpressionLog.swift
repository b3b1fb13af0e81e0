// Impressions in PostgreSQL.
import Foundation
import RecCore

/// `ImpressionLog` on the table `impression`, idempotent by recommendation id.
public struct PostgresImpressionLog: ImpressionLog {
    private let pool: PostgresPool
    init(_ pool: PostgresPool) { self.pool = pool }

    /// The places of a list as they are stored.
    private struct Slate: Codable {
        let items: [String]
        let propensities: [Double]
    }

    public func append(_ impressions: [Impression]) async throws(StorageError) {
        guard !impressions.isEmpty else { return }
        let slates = try impressions.map { impression throws(StorageError) in try Self.slate(of: impression) }
        try await pool.transaction("impressions.append") { session in
            // Held until the commit: positions become visible in their order, and a reader behind one misses none.
            try PostgresLock.take(PostgresLock.impressions, session)
            try session.query(
                """
                INSERT INTO impression (recommendation, user_id, version, policy, mode, time, seed, slate)
                SELECT recommendation, user_id, version, policy, mode, time, seed, slate::jsonb
                FROM unnest($1, $2, $3, $4, $5, $6, $7, $8) WITH ORDINALITY
                    AS given (recommendation, user_id, version, policy, mode, time, seed, slate, place)
                ORDER BY place ON CONFLICT (recommendation) DO NOTHING
                """,
                [
                    .texts(impressions.map(\.recommendation)), .texts(impressions.map { $0.user?.rawValue }),
                    .texts(impressions.map(\.modelVersion.rawValue)), .texts(impressions.map(\.policy)),
                    .texts(impressions.map(\.mode)), .integers(impressions.map(\.timestamp.milliseconds)),
                    .integers(impressions.map { Int64(bitPattern: $0.seed) }), .texts(slates),
                ])
        }
    }

    public func page(
        after offset: Int64, limit: Int
    ) async throws(StorageError) -> (impressions: [Impression], nextOffset: Int64) {
        try await pool.run("impressions.page") { session in
            let rows = try session.query(
                """
                SELECT position, recommendation, user_id, version, policy, mode, time, seed, slate::text
                FROM impression WHERE position > $1 ORDER BY position LIMIT $2
                """,
                [.integer(offset), .integer(Int64(max(0, limit)))])
            let impressions = try (0..<rows.count).map { try Self.impression(rows, $0) }
            return (impressions, rows.count == 0 ? offset : try rows.integer(rows.count - 1, 0))
        }
    }

    private static func slate(of impression: Impression) throws(StorageError) -> String {
        let slate = Slate(items: impression.items.map(\.rawValue), propensities: impression.propensities)
        guard !slate.items.contains(where: { $0.utf8.contains(0) }), let data = try? JSONEncoder().encode(slate) else {
            throw StorageError(
                .rejected, operation: "impressions.append",
                reason: "a list holds the character NUL or a propensity that is no number")
        }
        return String(decoding: data, as: UTF8.self)
    }

    private static func impression(_ rows: PostgresResult, _ row: Int) throws -> Impression {
        guard let slate = try? JSONDecoder().decode(Slate.self, from: Data(try rows.text(row, 8).utf8)),
            let version = ModelVersion(try rows.text(row, 3))
        else {
            throw StorageError(.corrupt, operation: "impressions.page", reason: "a stored impression is not one")
        }
        return Impression(
            recommendation: try rows.text(row, 1), user: try rows.optionalText(row, 2).map(UserID.init),
            modelVersion: version, policy: try rows.text(row, 4), mode: try rows.text(row, 5),
            timestamp: Timestamp(milliseconds: try rows.integer(row, 6)),
            seed: UInt64(bitPattern: try rows.integer(row, 7)), items: slate.items.map(ItemID.init),
            propensities: slate.propensities)
    }
}
