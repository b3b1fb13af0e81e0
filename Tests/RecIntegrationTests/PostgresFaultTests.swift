// Bulk work in PostgreSQL while programs, connections, servers and disks fail: every row once, and no lock that outlives its owner.
import Foundation
import RecCore
import RecTesting
import Synchronization
import Testing

@testable import RecStorage

@Suite(.serialized, .enabled(if: PrivatePostgres.isInstalled, "PostgreSQL 15 is not installed"), .privatePostgres)
struct PostgresFaultTests {
    private var server: PrivatePostgres {
        get throws { try #require(PrivatePostgres.current) }
    }

    /// A source of any length whose rows are known, here and in SQL.
    private enum MadeUpRows {
        static func row(_ number: Int) throws -> Interaction {
            try Interaction(
                user: UserID("u\(number)"), item: ItemID("i\(number &* 7919 % 1009)"), kind: .purchase,
                timestamp: Timestamp(milliseconds: 1_600_000_000_000 + Int64(number) * 1001),
                weight: Float(number % 5 + 1))
        }

        static func position(_ records: Int) -> SourcePosition {
            SourcePosition(source: "file.csv", fingerprint: "f", records: Int64(records), rejected: 0)
        }

        /// Rows, and a hash of them that their order does not change: as stored, and as they should be.
        static func check(_ count: Int) -> String {
            func hash(_ rows: String) -> String {
                """
                SELECT count(*), sum(hashtextextended(concat_ws('|', user_id, item_id, kind,
                    round(extract(epoch FROM time) * 1000)::bigint, weight::int), 0)::numeric) FROM \(rows)
                """
            }
            return """
                SELECT stored = expected, (stored).count FROM (\(hash("history"))) AS stored,
                (\(hash("""
                    (SELECT 'u' || n AS user_id, 'i' || (n * 7919 % 1009) AS item_id, 'purchase' AS kind,
                        to_timestamp(1600000000 + n * 1.001) AS time, n % 5 + 1 AS weight
                        FROM generate_series(0, \(count - 1)) AS n) AS rows
                    """))) AS expected
                """
        }
    }

    /// Goes on from where the source stands until `isEnough`, as a loader does that is started again after each failure.
    ///
    /// - Parameter around: runs each chunk, and may do harm meanwhile.
    /// - Returns: rows loaded, and every failure on the way.
    private func load(
        into history: PostgresHistory, within limit: Duration = .seconds(120),
        size: (Int) -> Int = { _ in 1_000 }, isEnough: (_ rows: Int, _ failures: Int) -> Bool,
        around: (_ chunk: Int, _ load: @Sendable @escaping () async throws -> Void) async throws -> Void = { _, load in
            try await load()
        }
    ) async throws -> (rows: Int, failures: [StorageError]) {
        let deadline = ContinuousClock.now + limit
        var failures: [StorageError] = []
        var chunk = 0
        var rows = 0
        while !isEnough(rows, failures.count) {
            try #require(ContinuousClock.now < deadline, "\(rows) rows and \(failures.count) failures in time")
            do {
                let previous = try await history.position(of: "file.csv")
                rows = Int(previous?.records ?? 0)
                if isEnough(rows, failures.count) { break }
                let next = rows + size(chunk)
                chunk += 1
                let part = try (rows..<next).map(MadeUpRows.row)
                try await around(chunk) { try await history.load(part, from: previous, to: MadeUpRows.position(next)) }
                rows = next
            } catch let error as StorageError {
                failures.append(error)
                guard error.isRetryable else { throw error }
            }
        }
        return (Int(try await history.position(of: "file.csv")?.records ?? 0), failures)
    }

    private final class Flag: Sendable {
        private let value = Atomic(false)
        var isSet: Bool { value.load(ordering: .acquiring) }
        func set() { value.store(true, ordering: .releasing) }
    }

    /// Loads a chunk, and ends its server process meanwhile.
    private func cut(
        _ load: @Sendable @escaping () async throws -> Void, after looks: Int, _ admin: PostgresPool
    ) async throws {
        let isDone = Flag()
        async let harm: Void = drop(admin, after: looks) { isDone.isSet }
        do {
            try await load()
        } catch {
            isDone.set()
            try await harm
            throw error
        }
        isDone.set()
        try await harm
    }

    /// Ends the loader's server process after it was seen at work `looks` times; gives up when the chunk is through.
    private func drop(_ admin: PostgresPool, after looks: Int, unless isDone: @escaping @Sendable () -> Bool)
        async throws
    {
        try await admin.run("test") { session in
            var left = looks
            while !isDone() {
                let target = left > 0 ? "count(*)" : "count(pg_terminate_backend(pid))"
                let seen = try session.query(
                    "SELECT \(target) FROM pg_stat_activity WHERE application_name = 'loader' AND state <> 'idle'"
                ).integer(0, 0)
                if seen > 0 { left -= 1 }
                if left < 0 { return }
            }
        }
    }

    private func loader(_ database: String) async throws -> PostgresHistory {
        try await PostgresStore(
            try PostgresConfiguration(try server.connection(database, application: "loader"), poolSize: 2)
        ).history
    }

    @Test("F10 a killed backend in the middle of a load costs one chunk and no row")
    func killedBackend() async throws {
        let database = try await server.freshDatabase()
        let history = try await loader(database)
        let admin = try server.pool(database)

        let (rows, failures) = try await load(
            into: history, size: { _ in 3_000 }, isEnough: { $0 >= 15_000 && $1 >= 3 },
            around: { chunk, load in
                if chunk % 3 == 0 { try await cut(load, after: 0, admin) } else { try await load() }
            })

        #expect(failures.count >= 3)
        #expect(failures.allSatisfy { $0.code == .unavailable || $0.code == .timeout })
        #expect(try await server.sql(MadeUpRows.check(rows), in: database) == "t|\(rows)")
        #expect(try await history.count() == rows)
    }

    @Test("F10 a server that dies and comes back in the middle of a load costs one chunk and no row")
    func restartedServer() async throws {
        let server = try server
        let database = try await server.freshDatabase()
        let history = try await loader(database)
        let (hasFailed, isBack) = (Flag(), Flag())

        let (rows, failures) = try await withThrowingTaskGroup { group in
            group.addTask {
                var restarts = 0
                while restarts < 2 || (restarts < 30 && !hasFailed.isSet) {
                    try await server.restartAtOnce()
                    restarts += 1
                }
                isBack.set()
            }
            let result = try await load(into: history) { rows, failures in
                if failures > 0 { hasFailed.set() }
                return rows >= 10_000 && isBack.isSet
            }
            try await group.waitForAll()
            return result
        }

        #expect(!failures.isEmpty)
        #expect(try await server.sql(MadeUpRows.check(rows), in: database) == "t|\(rows)")
        #expect(try await history.count() == rows)
    }

    @Test(
        "F11 rec-ingest that is killed eight times loads every row once, and counts every refused one",
        .enabled(if: BuiltProgram.path("rec-ingest") != nil, "rec-ingest was not built"))
    func killedPrograms() async throws {
        let server = try server
        let database = try await server.freshDatabase()
        let folder = FileManager.default.temporaryDirectory.appending(path: "ingest-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let rows = 260_000
        var text = "user_id,item_id\n"
        // Every thousandth row is torn.
        for row in 0..<rows { text += row % 1000 == 500 ? "torn\n" : "u\(row % 997),i\(row)\n" }
        let file = folder.appending(path: "rows.csv")
        try text.write(to: file, atomically: true, encoding: .utf8)
        let arguments = [
            file.path, "--data", folder.appending(path: "data").path, "--set",
            "REC_POSTGRES_URL=\(server.connection(database))",
        ]
        // Makes the tables, so that they can be asked.
        _ = try await BuiltProgram("rec-ingest", ["--migrate"] + arguments.dropFirst()).end()

        for life in 0..<8 {
            let program = try BuiltProgram("rec-ingest", arguments)
            // Reading what was loaded before takes its time without optimization.
            try await eventually("rows are loaded", within: .seconds(300)) {
                let wasRunning = program.isRunning
                let loaded = try await server.sql("SELECT coalesce(sum(records), 0) FROM source", in: database)
                if Int(loaded).map({ $0 >= min(life, 4) * 50_000 }) ?? false { return true }
                try #require(wasRunning, "\(program.said)")
                return false
            }
            program.send(SIGKILL)
            _ = await program.end()
        }
        let end = try await BuiltProgram("rec-ingest", arguments).end()

        #expect(end.code == 0, "\(end.text)")
        let found = try await server.sql(
            """
            SELECT (SELECT row_count FROM history_state), count(*), count(DISTINCT item_id),
                (SELECT records - rejected FROM source), (SELECT count(*) FROM reject) FROM history
            """, in: database)
        #expect(found == "259740|259740|259740|259740|260")
    }

    @Test(
        "rec-erase that is killed holds up nobody",
        .enabled(if: BuiltProgram.path("rec-erase") != nil, "rec-erase is not there"))
    func killedErasure() async throws {
        let server = try server
        let database = try await server.freshDatabase()
        let connection = server.connection(database)
        _ = try await PostgresStore(PostgresConfiguration(connection))
        try await server.sql(
            """
            CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN PERFORM pg_sleep(120); RETURN NULL; END $$;
            CREATE TRIGGER slow BEFORE DELETE ON history FOR EACH STATEMENT EXECUTE FUNCTION slow();
            """, in: database)
        func isErasing() async throws -> Bool {
            try await server.sql(
                """
                SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()
                """, in: database) == "1"
        }
        let folder = FileManager.default.temporaryDirectory.appending(path: "erase-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let program = try BuiltProgram(
            "rec-erase", ["--data", folder.path, "--set", "REC_POSTGRES_URL=\(connection)", "user"])
        try await eventually("it erases") { try await isErasing() }

        program.send(SIGKILL)
        _ = await program.end()

        try await eventually("the server lets go") { try await !isErasing() }
    }

    @Test("F11 a load that is cut off twelve times holds every row once")
    func twelveCuts() async throws {
        let database = try await server.freshDatabase()
        let history = try await loader(database)
        let admin = try server.pool(database)
        var generator = SplitMix64(seed: 11)
        var looks = (0..<10_000).map { _ in Int.random(in: 0...60, using: &generator) }
        let sizes = (0..<10_000).map { _ in Int.random(in: 500...3_000, using: &generator) }

        let (rows, failures) = try await load(
            into: history, size: { sizes[$0 % sizes.count] }, isEnough: { $0 >= 30_000 && $1 >= 12 },
            around: { chunk, load in
                let after = looks.removeLast()
                if chunk % 2 == 0 { try await cut(load, after: after, admin) } else { try await load() }
            })

        #expect(failures.count >= 12)
        #expect(try await server.sql(MadeUpRows.check(rows), in: database) == "t|\(rows)")
        #expect(try await history.count() == rows)
        let positions = "SELECT min(position), max(position), count(DISTINCT position) FROM history"
        #expect(try await server.sql(positions, in: database) == "1|\(rows)|\(rows)")
    }

    @Test(
        "F12 a full disk is told as full, keeps the checkpoint, and the load goes on when there is room",
        .enabled(if: PrivatePostgres.canMount, "a small file system cannot be mounted here"))
    func fullDisk() async throws {
        let server = try server
        let disk = server.folder + "/disk"
        try await PrivatePostgres.run("/usr/bin/install", ["-d", "-o", "postgres", disk])
        try await PrivatePostgres.run(
            "/bin/mount", ["-t", "tmpfs", "-o", "size=24m,mode=700,uid=\(try owner(of: disk))", "tmpfs", disk])
        try await server.sql("CREATE TABLESPACE small LOCATION '\(disk)'", in: "postgres")
        let database = try await server.freshDatabase()
        let history = try await loader(database)
        try await server.sql(
            """
            ALTER TABLE history SET TABLESPACE small; ALTER INDEX history_pkey SET TABLESPACE small;
            ALTER TABLE history ADD COLUMN ballast text DEFAULT repeat('x', 10);
            ALTER TABLE history ALTER ballast SET DEFAULT repeat('x', 1000);
            """, in: database)

        let full = await #expect(throws: StorageError.self) {
            _ = try await load(into: history, isEnough: { rows, _ in rows >= 100_000 })
        }

        #expect(full?.code == .full)
        #expect(full?.reason.contains("53100") == true)
        let held = Int(try await history.position(of: "file.csv")?.records ?? 0)
        #expect((1_000..<100_000).contains(held))
        #expect(try await server.sql(MadeUpRows.check(held), in: database) == "t|\(held)")
        let again = await #expect(throws: StorageError.self) {
            try await history.load(
                try (held..<(held + 1_000)).map(MadeUpRows.row), from: MadeUpRows.position(held),
                to: MadeUpRows.position(held + 1_000))
        }
        #expect(again?.code == .full)

        try await PrivatePostgres.run("/bin/mount", ["-o", "remount,size=256m", disk])
        let (rows, failures) = try await load(into: history, isEnough: { rows, _ in rows >= held + 5_000 })

        #expect(failures.isEmpty)
        #expect(rows == held + 5_000)
        #expect(try await server.sql(MadeUpRows.check(rows), in: database) == "t|\(rows)")
        #expect(try await history.count() == rows)
    }

    private func owner(of path: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        return try #require((attributes[.ownerAccountID] as? NSNumber)?.intValue)
    }
}
