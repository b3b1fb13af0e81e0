// The customers' profiles in PostgreSQL.
import RecCore

/// `UserDirectory` on the table `profile`; attributes as one JSON object a row.
public struct PostgresUserDirectory: UserDirectory {
    private let pool: PostgresPool
    init(_ pool: PostgresPool) { self.pool = pool }

    public func upsert(_ profiles: [UserProfile]) async throws(StorageError) {
        guard !profiles.isEmpty else { return }
        // Writers lock the same rows in the same order, so that they wait for each other and not in a circle.
        let rows = try PostgresAttributes.lastOfEach(
            profiles.sorted { $0.id < $1.id }, "users.upsert", id: \.id.rawValue, \.attributes)
        try await pool.transaction("users.upsert") { session in
            for part in rows.parts {
                try session.query(
                    """
                    INSERT INTO profile (id, attributes)
                    SELECT id, attributes::jsonb FROM unnest($1, $2) WITH ORDINALITY AS given (id, attributes, place)
                    ORDER BY place
                    ON CONFLICT (id) DO UPDATE SET attributes = excluded.attributes
                    WHERE profile.attributes IS DISTINCT FROM excluded.attributes
                    """,
                    [.texts(part.map(\.id)), .texts(part.map(\.attributes))])
            }
        }
    }

    public func profiles(of users: [UserID]) async throws(StorageError) -> [UserID: UserProfile] {
        guard !users.isEmpty else { return [:] }
        return try await pool.run("users.profiles") { session in
            let rows = try session.query(
                "SELECT id, attributes::text FROM profile WHERE id = ANY ($1)",
                [.texts(Set(users).map(\.rawValue))])
            var found: [UserID: UserProfile] = [:]
            for row in 0..<rows.count {
                let profile = try Self.profile(rows, row)
                found[profile.id] = profile
            }
            return found
        }
    }

    public func page(after id: UserID?, limit: Int) async throws(StorageError) -> [UserProfile] {
        try await pool.run("users.page") { session in
            let rows = try session.query(
                "SELECT id, attributes::text FROM profile WHERE id > $1 ORDER BY id LIMIT $2",
                [.text(id?.rawValue ?? ""), .integer(Int64(max(0, limit)))])
            return try (0..<rows.count).map { try Self.profile(rows, $0) }
        }
    }

    public func remove(_ users: [UserID]) async throws(StorageError) {
        guard !users.isEmpty else { return }
        try await pool.run("users.remove") { session in
            _ = try session.query("DELETE FROM profile WHERE id = ANY ($1)", [.texts(Set(users).map(\.rawValue))])
        }
    }

    private static func profile(_ rows: PostgresResult, _ row: Int) throws -> UserProfile {
        UserProfile(
            id: UserID(try rows.text(row, 0)),
            attributes: try PostgresAttributes.decode(try rows.text(row, 1), "users.profiles"))
    }
}
