// A PostgreSQL server of the tests' own: in a temporary folder, on a socket there, gone with the tests.
import Foundation
import Synchronization
import Testing

@testable import RecStorage

/// A server that runs as long as it is held. Should the process die, a shell that waits for it stops the server.
final class PrivatePostgres: Sendable {
    /// The server of the suite that runs.
    @TaskLocal static var current: PrivatePostgres?
    static let binaries = "/usr/lib/postgresql/15/bin"
    static let isInstalled = FileManager.default.isExecutableFile(atPath: binaries + "/postgres")
    /// Whether a small file system may be mounted here, to be filled.
    static let canMount = geteuid() == 0 && isInstalled && tryMounting()

    let folder: String
    private let keeper: Process
    private let lifeline: Pipe
    private let answers: Pipe
    private let databases = Atomic<Int>(0)

    private init(folder: String, keeper: Process, lifeline: Pipe, answers: Pipe) {
        (self.folder, self.keeper, self.lifeline, self.answers) = (folder, keeper, lifeline, answers)
    }

    /// Makes a cluster and starts it. Its databases sort by the rules of a language: an order of bytes has to be asked for.
    static func start() async throws -> PrivatePostgres {
        let folder = "/tmp/rec-postgres-\(UUID().uuidString.prefix(8))"
        let script = """
            set -e
            initdb -D "$0/data" -A trust -U rec -E UTF8 --locale=C --locale-provider=icu --icu-locale=en --no-sync >"$0/log" 2>&1
            cat >>"$0/data/postgresql.conf" <<END
            listen_addresses = ''
            unix_socket_directories = '$0'
            fsync = off
            max_wal_size = 512MB
            shared_buffers = 64MB
            END
            pg_ctl -D "$0/data" -w -l "$0/log" start >/dev/null 2>&1
            echo ready
            while read -r order; do
                pg_ctl -D "$0/data" -w -l "$0/log" -m immediate restart >/dev/null 2>&1 && echo done
            done
            pg_ctl -D "$0/data" -m immediate stop >/dev/null 2>&1
            """
        let become = geteuid() == 0 ? "runuser -u postgres --" : ""
        let owner = geteuid() == 0 ? "-o postgres" : ""
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = [
            "-c",
            """
            install -d \(owner) -m 700 "$0" && \(become) sh -c "$1" "$0"
            umount -l "$0"/* 2>/dev/null
            rm -rf "$0"
            """, folder, script,
        ]
        process.environment = ["PATH": binaries + ":/usr/sbin:/usr/bin:/sbin:/bin"]
        let (lifeline, answers) = (Pipe(), Pipe())
        process.standardInput = lifeline
        process.standardOutput = answers
        process.currentDirectoryURL = URL(fileURLWithPath: "/")
        try process.run()
        let isReady = await onAThread { String(decoding: answers.fileHandleForReading.availableData, as: UTF8.self) }
        let server = PrivatePostgres(folder: folder, keeper: process, lifeline: lifeline, answers: answers)
        guard isReady.hasPrefix("ready") else {
            let log = try? String(contentsOfFile: folder + "/log", encoding: .utf8)
            await server.stop()
            throw Failure(description: "PostgreSQL did not start: \(log ?? "no log")")
        }
        return server
    }

    func stop() async {
        try? lifeline.fileHandleForWriting.close()
        await Self.onAThread { [keeper] in keeper.waitUntilExit() }
    }

    /// Stops the server as a loss of power would, and starts it again. The keeper does it: to Foundation, a process whose child
    /// lives on has not ended.
    func restartAtOnce() async throws {
        try lifeline.fileHandleForWriting.write(contentsOf: Data("restart\n".utf8))
        let answer = await Self.onAThread { [answers] in answers.fileHandleForReading.availableData }
        guard answer == Data("done\n".utf8) else { throw Failure(description: "PostgreSQL did not restart") }
    }

    func connection(_ database: String, application: String = "tests") -> String {
        "host=\(folder) user=rec dbname=\(database) application_name=\(application)"
    }

    /// The name of a new, empty database.
    func freshDatabase() async throws -> String {
        let name = "d\(databases.add(1, ordering: .relaxed).newValue)"
        try await sql("CREATE DATABASE \(name)", in: "postgres")
        return name
    }

    func pool(
        _ database: String, application: String = "tests", statementTimeout: Duration = .seconds(30), size: Int = 4
    ) throws -> PostgresPool {
        PostgresPool(
            try PostgresConfiguration(
                connection(database, application: application), statementTimeout: statementTimeout, poolSize: size))
    }

    /// A store on a new, empty database.
    func freshStore() async throws -> PostgresStore {
        try await PostgresStore(try PostgresConfiguration(connection(try await freshDatabase())))
    }

    /// What psql answers: one line a row, columns divided by `|`.
    @discardableResult
    func sql(_ statement: String, in database: String) async throws -> String {
        try await Self.run(
            Self.binaries + "/psql",
            ["-h", folder, "-U", "rec", "-d", database, "-AtqX", "-v", "ON_ERROR_STOP=1", "-c", statement]
        ).trimmingCharacters(in: .newlines)
    }

    struct Failure: Error, CustomStringConvertible { let description: String }

    /// Runs a program to its end. - Returns: what it wrote.
    @discardableResult
    static func run(_ program: String, _ arguments: [String]) async throws -> String {
        try await onAThread { Result { try runNow(program, arguments) } }.get()
    }

    private static func runNow(_ program: String, _ arguments: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        let (output, errors) = (Pipe(), Pipe())
        process.standardOutput = output
        process.standardError = errors
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let text = output.fileHandleForReading.readDataToEndOfFile()
        let complaint = errors.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failure(
                description:
                    "\(program): exit \(process.terminationStatus): \(String(decoding: complaint, as: UTF8.self))")
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static func onAThread<T: Sendable>(_ body: @escaping @Sendable () -> T) async -> T {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: body()) }
        }
    }

    private static func tryMounting() -> Bool {
        let folder = "/tmp/rec-mount-\(UUID().uuidString.prefix(8))"
        guard (try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)) != nil
        else {
            return false
        }
        defer { try? FileManager.default.removeItem(atPath: folder) }
        guard (try? runNow("/bin/mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", folder])) != nil else {
            return false
        }
        return (try? runNow("/bin/umount", [folder])) != nil
    }
}

/// Starts a server before the tests of a suite and stops it behind them.
struct PrivatePostgresTrait: SuiteTrait, TestScoping {
    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        let server = try await PrivatePostgres.start()
        do {
            try await PrivatePostgres.$current.withValue(server) { try await function() }
        } catch {
            await server.stop()
            throw error
        }
        await server.stop()
    }
}

extension Trait where Self == PrivatePostgresTrait {
    static var privatePostgres: Self { PrivatePostgresTrait() }
}
