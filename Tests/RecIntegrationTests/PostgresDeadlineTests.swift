// PostgreSQL that is slow, silent or hung is given up in time. Run by themselves: beside heavy tests they measure the machine.
import Foundation
import RecCore
import Testing

@testable import RecStorage

@Suite(.serialized, .enabled(if: PrivatePostgres.isInstalled, "PostgreSQL 15 is not installed"), .privatePostgres)
struct PostgresDeadlineTests {
    private var server: PrivatePostgres {
        get throws { try #require(PrivatePostgres.current) }
    }

    @Test func aServerThatTakesConnectionsAndSaysNothingIsATimeout() async throws {
        // The kernel answers for it, and nobody else.
        let (silent, port) = try LocalSocket.listening()
        defer { close(silent) }
        let configuration = try PostgresConfiguration(
            "host=127.0.0.1 port=\(port) user=rec dbname=d", connectTimeout: .milliseconds(200))
        let start = ContinuousClock.now

        let error = await #expect(throws: StorageError.self) { _ = try await PostgresStore(configuration) }

        #expect(error?.code == .timeout)
        #expect(ContinuousClock.now - start < .seconds(5))
    }

    @Test func aStatementThatTakesTooLongIsATimeoutAndKeepsTheConnection() async throws {
        let pool = try await server.pool(server.freshDatabase(), statementTimeout: .milliseconds(100), size: 1)
        let before = try await pool.run("test") { try $0.query("SELECT pg_backend_pid()::bigint").integer(0, 0) }

        let error = await #expect(throws: StorageError.self) {
            try await pool.run("test") { _ = try $0.query("SELECT pg_sleep(30)") }
        }

        #expect(error?.code == .timeout)
        #expect(try await pool.run("test") { try $0.query("SELECT pg_backend_pid()::bigint").integer(0, 0) } == before)
    }

    /// Ten times the limit of other statements, and longer than this side waits beyond it.
    @Test func forgettingSomebodyMayTakeLongerThanOtherStatements() async throws {
        let database = try await server.freshDatabase()
        let connection = try server.connection(database)
        _ = try await PostgresStore(PostgresConfiguration(connection))
        let store = try await PostgresStore(
            PostgresConfiguration(connection, statementTimeout: .milliseconds(200)), schema: .required)
        let user = UserID("user")
        _ = try await store.history.append([
            Interaction(user: user, item: ItemID("item"), kind: .purchase, timestamp: .init(milliseconds: 1), weight: 1)
        ])
        try await server.sql(
            """
            CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN PERFORM pg_sleep(2); RETURN NULL; END $$;
            CREATE TRIGGER slow BEFORE DELETE ON history FOR EACH STATEMENT EXECUTE FUNCTION slow();
            CREATE TRIGGER slow BEFORE DELETE ON impression FOR EACH STATEMENT EXECUTE FUNCTION slow();
            """, in: database)

        #expect(try await store.history.erase(user) == 1)
        #expect(try await store.impressions.erase(user) == 0)
        #expect(try await store.history.count() == 0)
    }

    @Test(.enabled(if: geteuid() == 0, "only root may stop the server's processes"))
    func aServerThatHangsIsGivenUpInTime() async throws {
        let pool = try await server.pool(server.freshDatabase(), statementTimeout: .milliseconds(100), size: 1)
        let process = try await pool.run("test") { try $0.query("SELECT pg_backend_pid()::bigint").integer(0, 0) }
        kill(pid_t(process), SIGSTOP)
        defer { kill(pid_t(process), SIGCONT) }
        let start = ContinuousClock.now

        let error = await #expect(throws: StorageError.self) {
            try await pool.run("test") { _ = try $0.query("SELECT 1") }
        }

        #expect(error?.code == .timeout)
        #expect(ContinuousClock.now - start < .seconds(5))
        let next = try await pool.run("test") { try $0.query("SELECT pg_backend_pid()::bigint").integer(0, 0) }
        #expect(next != process)
    }
}
