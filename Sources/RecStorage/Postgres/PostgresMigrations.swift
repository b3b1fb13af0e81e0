// The tables, as numbered steps that never change once published.
import RecCore

/// One step. Its text is kept as a checksum: a step that was changed after it ran is refused.
struct PostgresMigration: Sendable {
    let version: Int64
    let name: String
    let statements: String
}

extension PostgresMigration {
    /// Forward only. A new step is added at the end; it must leave what the step before needs (expand, later contract).
    static let all = [
        PostgresMigration(
            version: 1, name: "history",
            statements: """
                CREATE TABLE history (
                    position bigint PRIMARY KEY,
                    time timestamptz NOT NULL,
                    weight real NOT NULL,
                    kind text COLLATE "C" NOT NULL,
                    user_id text COLLATE "C" NOT NULL,
                    item_id text COLLATE "C" NOT NULL,
                    event_id text COLLATE "C");
                CREATE UNIQUE INDEX history_event ON history (user_id, event_id) WHERE event_id IS NOT NULL;
                -- One row. Whoever adds to history holds its lock, so that positions follow the order of commits.
                CREATE TABLE history_state (
                    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
                    last_position bigint NOT NULL,
                    row_count bigint NOT NULL);
                INSERT INTO history_state (last_position, row_count) VALUES (0, 0);
                -- Rows may be erased by hand; the count follows.
                CREATE FUNCTION history_erased() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    UPDATE history_state SET row_count = row_count - (SELECT count(*) FROM erased);
                    RETURN NULL;
                END $$;
                CREATE TRIGGER history_erased AFTER DELETE ON history REFERENCING OLD TABLE AS erased
                    FOR EACH STATEMENT EXECUTE FUNCTION history_erased();
                CREATE FUNCTION history_emptied() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    UPDATE history_state SET row_count = 0;
                    RETURN NULL;
                END $$;
                CREATE TRIGGER history_emptied AFTER TRUNCATE ON history
                    FOR EACH STATEMENT EXECUTE FUNCTION history_emptied();
                CREATE TABLE source (
                    name text COLLATE "C" PRIMARY KEY,
                    fingerprint text COLLATE "C" NOT NULL,
                    records bigint NOT NULL,
                    rejected bigint NOT NULL);
                """),
        // Triggers, and not the adapter, keep the order of changes: statements of other programs take part.
        PostgresMigration(
            version: 2, name: "catalogue",
            statements: """
                CREATE TABLE catalog (
                    id text COLLATE "C" PRIMARY KEY, attributes jsonb NOT NULL, hidden boolean NOT NULL);
                CREATE TABLE catalog_change (revision bigint PRIMARY KEY, id text COLLATE "C" NOT NULL UNIQUE);
                CREATE SEQUENCE catalog_revision;
                -- Writers wait for each other until they have committed: a number that is given later becomes visible later.
                CREATE FUNCTION catalog_writer() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    PERFORM pg_advisory_xact_lock(\(PostgresLock.catalog));
                    IF TG_OP = 'TRUNCATE' THEN
                        INSERT INTO catalog_change (revision, id)
                        SELECT nextval('catalog_revision'), id FROM catalog ORDER BY id
                        ON CONFLICT (id) DO UPDATE SET revision = excluded.revision;
                    END IF;
                    RETURN NULL;
                END $$;
                CREATE TRIGGER catalog_writer BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON catalog
                    FOR EACH STATEMENT EXECUTE FUNCTION catalog_writer();
                CREATE FUNCTION catalog_changed() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    IF TG_OP = 'DELETE' OR (TG_OP = 'UPDATE' AND OLD.id IS DISTINCT FROM NEW.id) THEN
                        INSERT INTO catalog_change (revision, id) VALUES (nextval('catalog_revision'), OLD.id)
                        ON CONFLICT (id) DO UPDATE SET revision = excluded.revision;
                    END IF;
                    IF TG_OP <> 'DELETE' THEN
                        INSERT INTO catalog_change (revision, id) VALUES (nextval('catalog_revision'), NEW.id)
                        ON CONFLICT (id) DO UPDATE SET revision = excluded.revision;
                    END IF;
                    RETURN NULL;
                END $$;
                CREATE TRIGGER catalog_changed AFTER INSERT OR UPDATE OR DELETE ON catalog
                    FOR EACH ROW EXECUTE FUNCTION catalog_changed();
                """),
        PostgresMigration(
            version: 3, name: "profiles and impressions",
            statements: """
                CREATE TABLE profile (id text COLLATE "C" PRIMARY KEY, attributes jsonb NOT NULL);
                CREATE TABLE impression (
                    position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                    recommendation text COLLATE "C" NOT NULL UNIQUE,
                    user_id text COLLATE "C",
                    version text COLLATE "C" NOT NULL,
                    policy text COLLATE "C" NOT NULL,
                    mode text COLLATE "C" NOT NULL,
                    time bigint NOT NULL,
                    seed bigint NOT NULL,
                    slate jsonb NOT NULL);
                """),
        PostgresMigration(
            version: 4, name: "models",
            statements: """
                CREATE TABLE model (
                    version text COLLATE "C" PRIMARY KEY,
                    created bigint NOT NULL,
                    published timestamptz NOT NULL DEFAULT now());
                CREATE TABLE model_current (
                    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
                    version text COLLATE "C" NOT NULL REFERENCES model (version));
                """),
        PostgresMigration(
            version: 5, name: "rejects",
            statements: """
                CREATE TABLE reject (
                    source text COLLATE "C" NOT NULL,
                    line bigint NOT NULL,
                    reason text NOT NULL,
                    PRIMARY KEY (source, line));
                """),
        PostgresMigration(
            version: 6, name: "what became of answers",
            statements: """
                CREATE TABLE outcome (
                    recommendation text COLLATE "C" NOT NULL,
                    event text COLLATE "C" NOT NULL,
                    item text COLLATE "C" NOT NULL,
                    kind text COLLATE "C" NOT NULL,
                    time bigint NOT NULL,
                    weight real NOT NULL,
                    PRIMARY KEY (recommendation, event));
                """),
    ]
}

/// Advisory locks of a database, all held to the end of a transaction.
enum PostgresLock {
    static let migrations: Int64 = 7_305_810_471_001
    static let catalog: Int64 = 7_305_810_471_002
    static let impressions: Int64 = 7_305_810_471_003

    static func take(_ lock: Int64, _ session: PostgresSession) throws {
        try session.query("SELECT pg_advisory_xact_lock($1)", [.integer(lock)])
    }
}

/// Brings a database to the newest step.
enum PostgresMigrator {
    /// Runs the steps that are missing, each in a transaction of its own under a lock; processes that start at once wait for each other.
    /// - Throws: `.conflict` when a step that ran has another text here. Newer steps than those known here are left alone.
    static func migrate(
        _ pool: PostgresPool, _ migrations: [PostgresMigration] = PostgresMigration.all
    ) async throws(StorageError) {
        for migration in migrations {
            try await pool.transaction("postgres.migrate") { session in
                try PostgresLock.take(PostgresLock.migrations, session)
                try session.script(
                    """
                    CREATE TABLE IF NOT EXISTS schema_migrations (
                        version bigint PRIMARY KEY, name text NOT NULL, checksum text NOT NULL,
                        applied_at timestamptz NOT NULL DEFAULT now())
                    """)
                guard try !isApplied(migration, session) else { return }
                try session.script(migration.statements)
                try session.query(
                    """
                    INSERT INTO schema_migrations (version, name, checksum)
                    VALUES ($1, $2, encode(sha256(convert_to($3, 'UTF8')), 'hex'))
                    """,
                    [.integer(migration.version), .text(migration.name), .text(migration.statements)])
            }
        }
    }

    /// Whether every step ran, with the text it has here.
    /// - Throws: `.conflict` when one is missing or differs.
    static func verify(
        _ pool: PostgresPool, _ migrations: [PostgresMigration] = PostgresMigration.all
    ) async throws(StorageError) {
        try await pool.run("postgres.open") { session in
            let isThere = try session.query("SELECT to_regclass('schema_migrations') IS NOT NULL").boolean(0, 0)
            for migration in migrations {
                guard isThere, try isApplied(migration, session) else {
                    throw StorageError(
                        .conflict, operation: session.operation,
                        reason: "migration \(migration.version) (\(migration.name)) did not run on this database yet")
                }
            }
        }
    }

    private static func isApplied(_ migration: PostgresMigration, _ session: PostgresSession) throws -> Bool {
        let found = try session.query(
            """
            SELECT checksum = encode(sha256(convert_to($2, 'UTF8')), 'hex') FROM schema_migrations WHERE version = $1
            """,
            [.integer(migration.version), .text(migration.statements)])
        guard found.count > 0 else { return false }
        guard try found.boolean(0, 0) else {
            throw StorageError(
                .conflict, operation: session.operation,
                reason:
                    "migration \(migration.version) of this database is another than \(migration.name) of this program")
        }
        return true
    }
}
