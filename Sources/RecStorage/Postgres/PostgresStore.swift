// The ports that PostgreSQL holds, on one pool of connections.
import RecCore

/// History, catalogue, customers, impressions and the registry of models in one database.
///
/// Every call is one transaction, and what it returned from is committed. Several processes may use the same database.
public final class PostgresStore: Sendable {
    /// All interactions, for training.
    public let history: PostgresHistory
    /// The items.
    public let catalog: PostgresCatalog
    /// The customers' attributes.
    public let users: PostgresUserDirectory
    /// What was shown, and what became of it.
    public let impressions: PostgresImpressionLog
    /// Rows that an ingest refused.
    public let rejects: PostgresRejects
    private let pool: PostgresPool
    /// For each statement that forgets a person: where no index helps it looks at every row.
    static let erasureLimit = Duration.seconds(3600)

    /// What becomes of a database whose tables are not those of this program.
    public enum Schema: Sendable {
        /// Missing steps are run. The role needs the right to create tables.
        case migrated
        /// Missing steps are a `.conflict`: somebody else runs them.
        case required
    }

    /// Connects and looks after the tables.
    /// - Throws: `.unavailable` or `.timeout` when the database cannot be reached, `.conflict` when its tables are others.
    public init(_ configuration: PostgresConfiguration, schema: Schema = .migrated) async throws(StorageError) {
        let pool = PostgresPool(configuration)
        switch schema {
        case .migrated: try await PostgresMigrator.migrate(pool)
        case .required: try await PostgresMigrator.verify(pool)
        }
        self.pool = pool
        history = PostgresHistory(pool)
        catalog = PostgresCatalog(pool)
        users = PostgresUserDirectory(pool)
        impressions = PostgresImpressionLog(pool)
        rejects = PostgresRejects(pool)
    }

    /// The registry of models whose files `files` keeps.
    public func models(files: any ModelStore) -> PostgresModelStore { PostgresModelStore(pool, files: files) }

    /// Tells this database from every other, also from one of the same name that was made later.
    public func identity() async throws(StorageError) -> String {
        try await pool.run("store.identity") { session in
            try session.query(
                """
                SELECT current_database() || ' ' || (SELECT oid FROM pg_database WHERE datname = current_database())
                    || ' ' || (SELECT extract(epoch FROM applied_at) FROM schema_migrations WHERE version = 1)
                """
            ).text(0, 0)
        }
    }

    /// Renews what the planner knows of the tables: after a bulk load, before the first queries.
    public func analyze() async throws(StorageError) {
        try await pool.run("store.analyze") { session in
            for table in ["history", "catalog", "profile"] as [StaticString] { try session.query("ANALYZE \(table)") }
        }
    }
}
