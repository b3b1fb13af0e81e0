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
        let silent = try SilentServer()
        let configuration = try PostgresConfiguration(
            "host=127.0.0.1 port=\(silent.port) user=rec dbname=d", connectTimeout: .milliseconds(200))
        let start = ContinuousClock.now

        let error = await #expect(throws: StorageError.self) { _ = try await PostgresStore(configuration) }

        #expect(error?.code == .timeout)
        #expect(ContinuousClock.now - start < .seconds(5))
        withExtendedLifetime(silent) {}
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

/// A listening socket that the kernel answers for, and nobody else.
private final class SilentServer {
    let port: UInt16
    private let descriptor: Int32

    init() throws {
        let made = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        descriptor = made
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(made, address, size) == 0 && listen(made, 8) == 0
                    && getsockname(made, address, &size) == 0
            }
        }
        port = UInt16(bigEndian: address.sin_port)
        try #require(isListening)
    }

    deinit { close(descriptor) }
}
