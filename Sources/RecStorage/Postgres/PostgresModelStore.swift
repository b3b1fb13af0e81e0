// The registry of published models in PostgreSQL; their files lie in folders.
import RecCore

/// `ModelStore` whose list of versions and current version are rows, over a store of the files.
///
/// Servers on several machines follow one database: an activation, or a step back, is one statement for all of them. Files
/// reach each machine by a shared or copied folder; a server whose folder does not hold the current version yet goes on with
/// the one it serves, and looks again.
public struct PostgresModelStore: ModelStore {
    private let pool: PostgresPool
    private let files: any ModelStore

    init(_ pool: PostgresPool, files: any ModelStore) { (self.pool, self.files) = (pool, files) }

    /// The files are there before the row is: a version that the registry names was whole.
    public func publish(_ snapshot: ModelSnapshot) async throws(StorageError) {
        // Asked first: publishing files clears old ones away, among which the registry's current version may be.
        _ = try await current()
        try await files.publish(snapshot)
        let version = snapshot.version.rawValue
        try await pool.transaction("models.publish") { session in
            let added = try session.query(
                "INSERT INTO model (version, created) VALUES ($1, $2) ON CONFLICT (version) DO NOTHING",
                [.text(version), .integer(snapshot.created.milliseconds)])
            guard added.affected == 1 else {
                throw StorageError(
                    .conflict, operation: "models.publish", reason: "the registry has a version \(version) already")
            }
            try Self.point(to: version, session)
        }
    }

    /// Versions of the registry, newest first, those whose files were cleared away since, or lie on another machine, included: of
    /// these it tells no details.
    public func versions() async throws(StorageError) -> [ModelSummary] {
        var details: [ModelVersion: ModelDetails] = [:]
        for file in try await files.versions() { details[file.version] = file.details }
        return try await registered(details)
    }

    private func registered(_ details: [ModelVersion: ModelDetails]) async throws(StorageError) -> [ModelSummary] {
        try await pool.run("models.versions") { session in
            let rows = try session.query(
                """
                SELECT version, created, version = (SELECT version FROM model_current) IS TRUE FROM model
                ORDER BY created DESC, version COLLATE "C" DESC
                """)
            return try (0..<rows.count).map { row in
                let version = try Self.version(rows.text(row, 0))
                return ModelSummary(
                    version: version, created: Timestamp(milliseconds: try rows.integer(row, 1)),
                    isCurrent: try rows.boolean(row, 2), details: details[version])
            }
        }
    }

    public func current() async throws(StorageError) -> ModelVersion? {
        try await pool.run("models.current") { session in
            let rows = try session.query("SELECT version FROM model_current")
            return rows.count == 0 ? nil : try Self.version(rows.text(0, 0))
        }
    }

    public func load(_ version: ModelVersion) async throws(StorageError) -> ModelSnapshot {
        try await files.load(version)
    }

    /// For every server that follows the registry. The own folder's mark moves too, so that its current version is kept when
    /// old ones are cleared away.
    public func activate(_ version: ModelVersion) async throws(StorageError) {
        try await files.activate(version)
        try await pool.transaction("models.activate") { session in
            let known = try session.query("SELECT 1 FROM model WHERE version = $1", [.text(version.rawValue)])
            guard known.count == 1 else {
                throw StorageError(
                    .notFound, operation: "models.activate", reason: "the registry has no version \(version)")
            }
            try Self.point(to: version.rawValue, session)
        }
    }

    private static func point(to version: String, _ session: PostgresSession) throws {
        try session.query(
            """
            INSERT INTO model_current (version) VALUES ($1)
            ON CONFLICT (only_row) DO UPDATE SET version = excluded.version
            """, [.text(version)])
    }

    private static func version(_ text: String) throws -> ModelVersion {
        guard let version = ModelVersion(text) else {
            throw StorageError(
                .corrupt, operation: "models", reason: "the registry holds a version without a proper name")
        }
        return version
    }
}
