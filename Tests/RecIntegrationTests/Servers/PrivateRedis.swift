// A Redis server of a test's own.
import Foundation
import RecCore
import RecStorage

/// A redis-server in a temporary folder, on a socket and a free port, that keeps nothing on disk; it ends with its
/// owner. Used by one test at a time.
final class PrivateRedis: @unchecked Sendable {
    static let isInstalled = program("redis-server") != nil && program("redis-cli") != nil

    /// Where a program of the search path lies.
    private static func program(_ name: String) -> URL? {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin").split(separator: ":").map(String.init)
        return folders.map { URL(filePath: $0).appending(path: name) }
            .first { FileManager.default.isExecutableFile(atPath: $0.path) }
    }

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    let folder: URL
    let port: Int
    private let options: [String]
    private var process: Process?

    /// Where the server would save, if it saved.
    var dataFolder: URL { folder.appending(path: "data") }
    var socketPath: String { folder.appending(path: "s").path }

    /// Starts a server and waits until it takes connections.
    init(_ options: [String] = []) throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "redis-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: folder.appending(path: "data"), withIntermediateDirectories: true)
        port = try LocalSocket.freePort()
        self.options = options
        try start()
    }

    deinit {
        kill()
        try? FileManager.default.removeItem(at: folder)
    }

    /// Starts the server again after ``kill()``.
    func start() throws {
        guard let program = Self.program("redis-server") else { throw Failure(description: "no redis-server") }
        let process = Process()
        process.executableURL = program
        process.currentDirectoryURL = folder
        process.arguments =
            [
                "--port", String(port), "--bind", "127.0.0.1", "--unixsocket", socketPath, "--save", "", "--appendonly",
                "no", "--dir", dataFolder.path, "--daemonize", "no",
            ] + options
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        process.standardInput = FileHandle.nullDevice
        try process.run()
        self.process = process
        var text = ""
        while !text.contains("Ready to accept connections") && !text.contains("ready to accept connections at") {
            let data = output.fileHandleForReading.availableData
            guard !data.isEmpty else { throw Failure(description: "redis-server ended: \(text)") }
            text += String(decoding: data, as: UTF8.self)
        }
        // What it says later must not fill the pipe.
        output.fileHandleForReading.readabilityHandler = { handle in
            if handle.availableData.isEmpty { handle.readabilityHandler = nil }
        }
    }

    /// `kill -9`.
    func kill() {
        signal(SIGKILL)
        process?.waitUntilExit()
        process = nil
    }

    func stop() { signal(SIGSTOP) }
    func resume() { signal(SIGCONT) }

    private func signal(_ number: Int32) {
        guard let process, process.isRunning else { return }
        Foundation.kill(process.processIdentifier, number)
    }

    /// What `redis-cli` prints for a command.
    @discardableResult
    func command(_ words: String...) throws -> String {
        let process = Process()
        process.executableURL = Self.program("redis-cli")
        process.arguments = ["-s", socketPath, "--raw"] + words
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// How to reach the server; through `port` when it is given.
    func configuration(
        port: Int? = nil, commandTimeout: Duration = .seconds(10), connectTimeout: Duration = .seconds(2),
        poolSize: Int = 4, queueBound: Int = 64, timeToLive: Duration? = nil
    ) throws -> RedisConfiguration {
        try RedisConfiguration(
            endpoint: port.map { .tcp(host: "127.0.0.1", port: $0) } ?? .unixSocket(path: socketPath),
            connectTimeout: connectTimeout, commandTimeout: commandTimeout, poolSize: poolSize, queueBound: queueBound,
            timeToLive: timeToLive)
    }
}
