// A small shop with two published models, and rec-serve on it as a process of its own.
import Foundation
import Testing

/// A data folder with a made-up shop, loaded and trained twice by the programs of this package; made once for a run of the tests.
enum ServingShop {
    static let isThere = ["rec-serve", "rec-load", "rec-sample", "rec-train"].allSatisfy {
        BuiltProgram.path($0) != nil
    }

    struct Folder {
        let path: String
        /// Versions, the older first.
        let models: [String]
        /// Files of ids, a line each.
        let users: String
        let items: String
        var aUser: String {
            (try? String(contentsOfFile: users, encoding: .utf8).split(separator: "\n").first.map(String.init)) ?? ""
        }
    }

    private static let made = Result { try make() }

    /// A copy that the caller may spoil.
    static func copy() throws -> Folder {
        let original = try made.get()
        let path = NSTemporaryDirectory() + "serving-\(UUID().uuidString)"
        try FileManager.default.copyItem(atPath: original.path, toPath: path)
        return Folder(path: path, models: original.models, users: path + "/users", items: path + "/items")
    }

    private static func make() throws -> Folder {
        let path = NSTemporaryDirectory() + "serving-shop-\(getpid())"
        try? FileManager.default.removeItem(atPath: path)
        func run(_ program: String, _ arguments: [String]) throws {
            let end = try BuiltProgram(program, arguments).end()
            guard end.code == 0 else { throw MockKafka.Failure(reason: "\(program): \(end.text)") }
        }
        try run(
            "rec-sample",
            ["--data", path, "--no-serve", "--customers", "400", "--articles", "300", "--transactions", "6000"])
        try run("rec-train", ["--data", path, "--dimension", "16", "--sweeps", "3", "--seed", "2"])
        let models = try FileManager.default.contentsOfDirectory(atPath: path + "/models")
            .filter { $0.hasPrefix("v") }.sorted()
        for (file, name) in [("customers.csv", "users"), ("articles.csv", "items")] {
            let lines = try String(contentsOfFile: path + "/shop/\(file)", encoding: .utf8).split(separator: "\n")
            let ids = lines.dropFirst().compactMap { $0.split(separator: ",").first }
            try ids.joined(separator: "\n").write(toFile: path + "/\(name)", atomically: true, encoding: .utf8)
        }
        return Folder(path: path, models: models, users: path + "/users", items: path + "/items")
    }
}

/// A running rec-serve.
///
/// Unchecked: everything is set at the start; requests open sockets of their own, and `Process` may be asked from any thread.
final class ServingProcess: @unchecked Sendable {
    let program: BuiltProgram
    let port: Int
    let operatorsPort: Int

    init(_ folder: ServingShop.Folder, _ arguments: [String] = []) async throws {
        let program = try BuiltProgram(
            "rec-serve",
            ["--data", folder.path, "--port", "0", "--admin-port", "0", "--drain-delay", "0", "--log-level", "notice"]
                + arguments)
        func port(_ start: String) -> Int? {
            let lines = program.said.components(separatedBy: "\n").dropLast()
            return lines.first { $0.hasPrefix(start) }
                .flatMap { Int($0.dropFirst(start.count).prefix { $0.isNumber }) }
        }
        let scheme = arguments.contains("--tls-key") ? "https" : "http"
        try await eventually("rec-serve listens", within: .seconds(60)) {
            try #require(program.isRunning, "rec-serve ended: \(program.said)")
            return port("\(scheme)://127.0.0.1:") != nil && port("operators: http://127.0.0.1:") != nil
        }
        self.program = program
        self.port = try #require(port("\(scheme)://127.0.0.1:"))
        operatorsPort = try #require(port("operators: http://127.0.0.1:"))
    }

    /// One request. - Returns: status, headers by lower-case name, body.
    func ask(
        _ path: String, method: String = "GET", _ body: String? = nil, headers: [String] = [], port: Int? = nil,
        patience: Int = 10
    ) throws -> (status: Int, headers: [String: String], body: String) {
        let bytes = try raw(
            "\(method) \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                + headers.map { $0 + "\r\n" }.joined()
                + (body.map { "Content-Type: application/json\r\nContent-Length: \($0.utf8.count)\r\n\r\n\($0)" }
                    ?? "\r\n"),
            port: port, patience: patience)
        let text = String(decoding: bytes, as: UTF8.self)
        let parts = text.components(separatedBy: "\r\n\r\n")
        let lines = (parts.first ?? "").components(separatedBy: "\r\n")
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            let sides = line.split(separator: ":", maxSplits: 1)
            if sides.count == 2 {
                headers[sides[0].lowercased()] = sides[1].trimmingCharacters(in: .whitespaces)
            }
        }
        let status = lines.first.flatMap { Int($0.split(separator: " ").dropFirst().first ?? "") } ?? 0
        return (status, headers, parts.dropFirst().joined(separator: "\r\n\r\n"))
    }

    /// Sends bytes and reads until the server closes, or for so many seconds.
    func raw(_ text: String, port: Int? = nil, patience: Int = 10) throws -> [UInt8] {
        let descriptor = try LocalSocket.connected(to: port ?? self.port)
        defer { close(descriptor) }
        var limit = timeval(tv_sec: patience, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var bytes = Array(text.utf8)
        while !bytes.isEmpty {
            let count = send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
            guard count > 0 else { break }
            bytes.removeFirst(count)
        }
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { break }
            answer += buffer[..<count]
        }
        return answer
    }

    /// The value of a metric whose line begins so.
    func metric(_ start: String) throws -> Double? {
        try ask("/metrics", port: operatorsPort).body.components(separatedBy: "\n")
            .first { $0.hasPrefix(start) }.flatMap { Double($0.split(separator: " ").last ?? "") }
    }

    /// How many requests were answered, of lists alone.
    func answered() throws -> Double {
        try ask("/metrics", port: operatorsPort).body.components(separatedBy: "\n")
            .filter { $0.hasPrefix("reco_recommend_source_total") }
            .reduce(0) { $0 + (Double($1.split(separator: " ").last ?? "") ?? 0) }
    }

    /// Waits until so many more lists were answered: the clock of these tests is the load.
    func after(_ count: Double) async throws {
        let start = try answered()
        try await eventually("\(count) answers", within: .seconds(120)) { try answered() >= start + count }
    }

    /// Figures of the process itself, from the system.
    func status(_ name: String) -> Int? {
        let text = (try? String(contentsOfFile: "/proc/\(program.identifier)/status", encoding: .utf8)) ?? ""
        return text.components(separatedBy: "\n").first { $0.hasPrefix(name + ":") }
            .flatMap { Int($0.split(whereSeparator: \.isWhitespace).dropFirst().first ?? "") }
    }
    var openFiles: Int {
        ((try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(program.identifier)/fd")) ?? []).count
    }
}

/// rec-load, and what it told.
struct LoadRun {
    struct Told: Decodable {
        struct Times: Decodable {
            let p50: Double
        }
        let sent: Int
        let answered: Int
        let failed: Int
        let degraded: Int
        let statuses: [String: Int]
        let milliseconds: Times
    }
    private let program: BuiltProgram

    init(
        _ server: ServingProcess, _ folder: ServingShop.Folder, rate: Double, seconds: Double,
        _ arguments: [String] = []
    ) throws {
        program = try BuiltProgram(
            "rec-load",
            [
                "--url", "http://127.0.0.1:\(server.port)", "--rate", "\(rate)", "--seconds", "\(seconds)", "--warm-up",
                "0",
                "--users", folder.users, "--items", folder.items, "--patience", "5",
            ] + arguments)
    }

    /// Waits for its end.
    func end() throws -> Told {
        let end = program.end()
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        guard end.code == 0, let line = end.text.split(separator: "\n").last else {
            throw MockKafka.Failure(reason: "rec-load: \(end.text)")
        }
        return try decoder.decode(Told.self, from: Data(line.utf8))
    }
}
