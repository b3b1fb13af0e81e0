// Impressions in PostgreSQL.
import RecCore

/// `ImpressionLog` on the table `impression`, idempotent by recommendation id.
public struct PostgresImpressionLog: ImpressionLog, PersonalDataStore {
    private let pool: PostgresPool
    init(_ pool: PostgresPool) { self.pool = pool }

    public func append(_ impressions: [Impression]) async throws(StorageError) {
        guard !impressions.isEmpty else { return }
        let slates = try impressions.map { impression throws(StorageError) in try StoredSlate.text(of: impression) }
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

    private static func impression(_ rows: PostgresResult, _ row: Int) throws(StorageError) -> Impression {
        try StoredSlate.impression(
            try rows.text(row, 8),
            StoredSlate.Columns(
                recommendation: try rows.text(row, 1), user: try rows.optionalText(row, 2),
                version: try rows.text(row, 3), policy: try rows.text(row, 4), mode: try rows.text(row, 5),
                milliseconds: try rows.integer(row, 6), seed: try rows.integer(row, 7)))
    }

    public func erase(_ user: UserID) async throws(StorageError) -> Int {
        try await pool.transaction("impressions.erase") { session in
            try session.limited(to: PostgresStore.erasureLimit) {
                let outcomes = try session.query(
                    """
                    DELETE FROM outcome
                    WHERE recommendation IN (SELECT recommendation FROM impression WHERE user_id = $1)
                    """, [.text(user.rawValue)])
                let shown = try session.query("DELETE FROM impression WHERE user_id = $1", [.text(user.rawValue)])
                return (outcomes.affected ?? 0) + (shown.affected ?? 0)
            }
        }
    }

    public func append(outcomes: [Outcome]) async throws(StorageError) {
        guard !outcomes.isEmpty else { return }
        try await pool.transaction("impressions.outcomes") { session in
            _ = try session.query(
                """
                INSERT INTO outcome (recommendation, event, item, kind, time, weight)
                SELECT recommendation, event, item, kind, time, weight::real
                FROM unnest($1, $2, $3, $4, $5, $6) WITH ORDINALITY
                    AS given (recommendation, event, item, kind, time, weight, place)
                ORDER BY recommendation, event, place ON CONFLICT DO NOTHING
                """,
                [
                    .texts(outcomes.map(\.recommendation)), .texts(outcomes.map(\.event.rawValue)),
                    .texts(outcomes.map(\.item.rawValue)), .texts(outcomes.map(\.kind.rawValue)),
                    .integers(outcomes.map(\.timestamp.milliseconds)), .texts(outcomes.map { "\($0.weight)" }),
                ])
        }
    }

    public func outcomes(of recommendations: [String]) async throws(StorageError) -> [String: [Outcome]] {
        guard !recommendations.isEmpty else { return [:] }
        return try await pool.run("impressions.outcomes") { session in
            let rows = try session.query(
                """
                SELECT recommendation, event, item, kind, time, weight::text FROM outcome
                WHERE recommendation = ANY($1) ORDER BY recommendation, time, event
                """, [.texts(recommendations)])
            var found: [String: [Outcome]] = [:]
            for row in 0..<rows.count {
                guard let kind = InteractionKind(try rows.text(row, 3)), let weight = Float(try rows.text(row, 5))
                else {
                    throw StorageError(
                        .corrupt, operation: "impressions.outcomes", reason: "a stored outcome is not one")
                }
                let outcome = Outcome(
                    recommendation: try rows.text(row, 0), item: ItemID(try rows.text(row, 2)), kind: kind,
                    timestamp: Timestamp(milliseconds: try rows.integer(row, 4)), weight: weight,
                    event: EventID(try rows.text(row, 1)))
                found[outcome.recommendation, default: []].append(outcome)
            }
            return found
        }
    }
}
