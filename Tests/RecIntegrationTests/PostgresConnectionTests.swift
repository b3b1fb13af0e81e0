// PostgreSQL's tables and connections: migrated once, shared, replaced when they broke.
import Foundation
import RecCore
import Testing

@testable import RecStorage

@Suite(.enabled(if: PrivatePostgres.isInstalled, "PostgreSQL 15 is not installed"), .privatePostgres)
struct PostgresConnectionTests {
    private var server: PrivatePostgres {
        get throws { try #require(PrivatePostgres.current) }
    }

    // MARK: - Migrations

    @Test func manyProcessesMigrateOnce() async throws {
        let database = try await server.freshDatabase()
        let configuration = try PostgresConfiguration(try server.connection(database), poolSize: 1)

        try await withThrowingTaskGroup { group in
            for _ in 0..<6 { group.addTask { _ = try await PostgresStore(configuration) } }
            try await group.waitForAll()
        }

        let steps = try await server.sql("SELECT count(*), max(version) FROM schema_migrations", in: database)
        #expect(steps == "\(PostgresMigration.all.count)|\(PostgresMigration.all.count)")
        _ = try await PostgresStore(configuration, schema: .required)
    }

    @Test func aDatabaseWithoutTheTablesIsRefusedWhereTheyAreRequired() async throws {
        let database = try await server.freshDatabase()
        let configuration = try PostgresConfiguration(try server.connection(database))

        let error = await #expect(throws: StorageError.self) {
            _ = try await PostgresStore(configuration, schema: .required)
        }

        #expect(error?.code == .conflict)
        #expect(error?.reason.contains("migration 1") == true)
    }

    @Test func aStepThatWasChangedAfterItRanIsRefused() async throws {
        let database = try await server.freshDatabase()
        let pool = try server.pool(database)
        let steps = [
            PostgresMigration(version: 1, name: "one", statements: "CREATE TABLE one (id int)"),
            PostgresMigration(version: 2, name: "two", statements: "CREATE TABLE two (id int); CREATE TABLE broken ("),
        ]

        let failed = await #expect(throws: StorageError.self) {
            try await PostgresMigrator.migrate(pool, steps)
        }
        #expect(failed?.operation == "postgres.migrate")
        #expect(try await server.sql("SELECT version FROM schema_migrations", in: database) == "1")
        #expect(try await server.sql("SELECT to_regclass('two') IS NULL", in: database) == "t")

        let other = [PostgresMigration(version: 1, name: "one", statements: "CREATE TABLE one (id bigint)")]
        let refused = await #expect(throws: StorageError.self) { try await PostgresMigrator.migrate(pool, other) }
        #expect(refused?.code == .conflict)
    }

    // MARK: - Connections

    @Test func configurationTellsEveryProblemAndNoSecret() throws {
        let error = #expect(throws: StorageError.self) {
            _ = try PostgresConfiguration("password=hunter2 nonsense", connectTimeout: .zero, poolSize: 0)
        }
        #expect(error?.code == .rejected)
        for part in ["connection text", "connect timeout", "pool"] { #expect(error?.reason.contains(part) == true) }
        #expect(error?.description.contains("hunter2") == false)

        let good = try PostgresConfiguration("postgresql://rec:hunter2@localhost/shop?connect_timeout=3")
        var dumped = "\(good) \(String(reflecting: good))"
        dump(good, to: &dumped)
        #expect(!dumped.contains("hunter2"))
    }

    @Test func aServerThatIsNotThereIsUnavailable() async throws {
        let configuration = try PostgresConfiguration(
            "host=\(try server.folder)/nowhere user=rec dbname=d password=hunter2")

        let error = await #expect(throws: StorageError.self) { _ = try await PostgresStore(configuration) }

        #expect(error?.code == .unavailable)
        #expect(error?.description.contains("hunter2") == false)
    }

    @Test func aDatabaseThatIsNotInUTF8IsRefused() async throws {
        try await server.sql(
            """
            CREATE DATABASE ascii TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE_PROVIDER libc LC_COLLATE 'C' LC_CTYPE 'C'
            """, in: "postgres")
        let configuration = try PostgresConfiguration(try server.connection("ascii"))

        let error = await #expect(throws: StorageError.self) { _ = try await PostgresStore(configuration) }

        #expect(error?.code == .conflict)
        #expect(error?.reason.contains("SQL_ASCII") == true)
    }

    @Test func aConnectionThatTheServerClosedIsReplacedBeforeItIsUsed() async throws {
        let database = try await server.freshDatabase()
        let pool = try server.pool(database, application: "victim", size: 1)
        for _ in 0..<5 {
            let process = try await pool.run("test") { try $0.query("SELECT pg_backend_pid()::bigint").integer(0, 0) }
            try await server.sql("SELECT pg_terminate_backend(\(process), 10000)", in: database)
            #expect(try await pool.run("test") { try $0.query("SELECT 1::bigint").integer(0, 0) } == 1)
        }
    }

    @Test func manyCallersShareAFewConnections() async throws {
        let database = try await server.freshDatabase()
        let pool = try server.pool(database, application: "crowd", size: 2)

        let processes = try await withThrowingTaskGroup { group in
            for number in 0..<60 {
                group.addTask {
                    try await pool.run("test") { session in
                        let row = try session.query(
                            "SELECT pg_backend_pid()::bigint, $1::bigint", [.integer(Int64(number))])
                        #expect(try row.integer(0, 1) == Int64(number))
                        return try row.integer(0, 0)
                    }
                }
            }
            return try await group.reduce(into: Set<Int64>()) { $0.insert($1) }
        }

        #expect((1...2).contains(processes.count))
    }

    @Test func aCallerThatIsCancelledStopsWaitingForAConnection() async throws {
        let database = try await server.freshDatabase()
        let pool = try server.pool(database, size: 1)
        let key = try server.pool(database, size: 1)
        try await key.run("test") { _ = try $0.query("SELECT pg_advisory_lock(5)") }
        let holder = Task { try await pool.run("test") { _ = try $0.query("SELECT pg_advisory_lock(5)") } }
        let deadline = ContinuousClock.now + .seconds(20)
        var isHeld = false
        while !isHeld, ContinuousClock.now < deadline {
            isHeld =
                try await key.run("test") { session in
                    try session.query("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
                        .integer(0, 0)
                } == 1
        }
        try #require(isHeld)

        let waiter = Task { try await pool.run("test") { _ = try $0.query("SELECT 1") } }
        waiter.cancel()
        let error = await #expect(throws: StorageError.self) { try await waiter.value }

        #expect(error?.code == .unavailable)
        try await key.run("test") { _ = try $0.query("SELECT pg_advisory_unlock(5)") }
        try await holder.value
        #expect(try await pool.run("test") { try $0.query("SELECT 1::bigint").integer(0, 0) } == 1)
    }

    @Test func aBlockThatLeavesATransactionOpenLosesItsConnection() async throws {
        let database = try await server.freshDatabase()
        let pool = try server.pool(database, size: 1)
        try await pool.run("test") { try $0.script("CREATE TABLE t (id int)") }

        try await pool.run("test") { try $0.script("BEGIN; INSERT INTO t VALUES (1)") }

        #expect(try await pool.run("test") { try $0.query("SELECT count(*) FROM t").integer(0, 0) } == 0)
    }

    @Test func rowsThatWereChangedByHandAreCorruptAndNotATrap() async throws {
        let database = try await server.freshDatabase()
        let store = try await PostgresStore(try PostgresConfiguration(try server.connection(database)))
        try await server.sql(
            """
            INSERT INTO history VALUES (1, 'infinity', 1, 'view', 'u', 'i', NULL);
            INSERT INTO catalog VALUES ('i', '[1]', false);
            INSERT INTO profile VALUES ('u', '{"age": 30}');
            INSERT INTO impression (recommendation, version, policy, mode, time, seed, slate)
            VALUES ('r', 'v1', 'p', 'm', 1, 1, '[]');
            """, in: database)

        let reads: [@Sendable () async throws -> Void] = [
            { _ = try await store.history.page(after: 0, limit: 1) },
            { _ = try await store.catalog.items([ItemID("i")]) },
            { _ = try await store.catalog.changes(after: .start, limit: 1) },
            { _ = try await store.users.page(after: nil, limit: 1) },
            { _ = try await store.impressions.page(after: 0, limit: 1) },
        ]
        for read in reads {
            let error = await #expect(throws: StorageError.self) { try await read() }
            #expect(error?.code == .corrupt)
        }
    }

    @Test func codesOfTheServerHaveOneMeaningEach() {
        let expected: [(String, StorageError.Code)] = [
            ("53100", .full), ("57014", .timeout), ("55P03", .timeout), ("57P01", .unavailable),
            ("57P03", .unavailable),
            ("08006", .unavailable), ("53300", .unavailable), ("40001", .unavailable), ("40P01", .unavailable),
            ("25006", .unavailable), ("28P01", .unavailable), ("23505", .conflict), ("23514", .conflict),
            ("42P01", .conflict), ("22021", .rejected), ("22P05", .rejected), ("54000", .rejected),
            ("3D000", .notFound),
            ("XX001", .corrupt),
        ]
        for (state, code) in expected { #expect(PostgresFailure.code(of: state) == code, "\(state)") }
        let quoted = PostgresFailure.reason(
            state: "22P02", message: "invalid input syntax: \"secret\"", constraint: nil)
        #expect(!quoted.contains("secret") && quoted.contains("22P02"))
    }

    @Test func aRowThatTheClientRefusesEndsTheCopyAndKeepsTheConnection() async throws {
        let pool = try await server.pool(server.freshDatabase(), size: 1)
        try await pool.run("test") { try $0.script("CREATE TABLE t (name text)") }
        let before = try await pool.run("test") { try $0.query("SELECT pg_backend_pid()::bigint").integer(0, 0) }
        let names = (0..<20_000).map { $0 == 15_000 ? "a\0b" : "name \($0)" }

        let error = await #expect(throws: StorageError.self) {
            try await pool.run("test") { session in
                try session.copy(names, "COPY t FROM STDIN (FORMAT binary)", columns: 1) { name, bytes in
                    try bytes.append(field: name)
                }
            }
        }

        #expect(error?.code == .rejected)
        let after = try await pool.run("test") { session in
            [
                try session.query("SELECT pg_backend_pid()::bigint").integer(0, 0),
                try session.query("SELECT count(*) FROM t").integer(0, 0),
            ]
        }
        #expect(after == [before, 0])
    }
}
