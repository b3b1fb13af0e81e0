// The API under a fixed rate of requests, next to a FastAPI service that does the same work.
import ArgumentParser
import Foundation
import RecCore
import RecStorage

struct ApiCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "api",
        abstract: "Milliseconds of answers at 500 requests a second, and the most requests a second within 10 ms.",
        discussion: """
            Starts redis-server with a window of ten new events for every user of the model (kept in DATA/bench-redis for the next \
            time), rec-serve on it over TCP, and rec-load, which sends requests when they are due and takes the time from that \
            moment. The peer is Benchmarks/Peers/fastapi_service.py: the same windows, the same fold-in and scores by taste alone. \
            All on this machine: the driver takes a part of its processors.
            """)
    @OptionGroup var common: CommonOptions
    @Option(help: "Data folder with a trained model.") var data: String
    @Option(help: "Requests a second of the first figure.") var rate = 500.0
    @Option(help: "Seconds of each measurement.") var seconds = 20.0
    @Option(help: "Workers of the peer: each is a process.") var workers = 2
    @Flag(help: "Only the figures at --rate.") var skipSearch = false

    private static let bound = 10.0

    func run() async throws {
        signal(SIGPIPE, SIG_IGN)
        let models = try ModelDirectory(path: data + "/models")
        guard let version = try models.current() else {
            throw ValidationError("\(data) has no model: run rec-train --data \(data)")
        }
        let folder = try WorkFolder()
        let redis = try BenchRedis(folder: data + "/bench-redis")
        defer { redis.stop() }
        let loaded = try models.load(version)
        try await fill(redis, loaded)
        try Self.writeUsers(of: loaded, to: folder.path + "/users")
        let description =
            "\(loaded.history.items.count) items, d = \(loaded.factors.items.columns), \(loaded.history.users.count) users"
        let ours = Service(name: "rec-serve", users: folder.path + "/users") { port in
            (
                programs + "/rec-serve",
                [
                    "--data", data, "--port", "\(port)", "--admin-port=-1", "--drain-delay", "0",
                    "--set", "REC_REDIS_URL=\(redis.url)",
                ], "http://"
            )
        }
        let script = "\(common.peers)/fastapi_service.py"
        let hasPeer = FileManager.default.isExecutableFile(atPath: common.python)
        if !hasPeer { say("FastAPI is not measured: there is no \(common.python); make bench-peers installs it") }
        let peer = Service(name: "FastAPI, numpy, redis-py, \(workers) workers", users: folder.path + "/users") {
            port in
            (
                common.python,
                [
                    script, "--model", "\(data)/models/\(version)", "--redis", redis.url, "--port", "\(port)",
                    "--workers", "\(workers)",
                ], "ready"
            )
        }
        var p99 = Figure(
            name: "api.p99.\(Int(rate))rps", unit: "ms", peerName: peer.name, note: description)
        var p50 = Figure(name: "api.p50.\(Int(rate))rps", unit: "ms", peerName: peer.name)
        var most = Figure(
            name: "api.rate.at-10ms", unit: "requests/s with p99 under 10 ms", peerName: peer.name, isRate: true)
        for round in 0..<common.rounds {
            for (service, isOurs) in [(ours, true), (peer, false)] where isOurs || hasPeer {
                try service.start()
                defer { service.stop() }
                let result = try service.load(rate: rate, seconds: seconds, seed: round + 1)
                say("\(service.name) at \(Int(rate))/s: \(result)")
                if isOurs {
                    guard result.errors == 0 else {
                        throw ValidationError("\(result.errors) requests failed: \(result)")
                    }
                    p99.ours.append(result.p99)
                    p50.ours.append(result.p50)
                } else {
                    p99.peer.append(result.p99)
                    p50.peer.append(result.p50)
                }
                guard !skipSearch else { continue }
                let found = try highestRate(of: service, seed: round + 1)
                if isOurs { most.ours.append(found) } else { most.peer.append(found) }
            }
        }
        p99.print()
        p50.print()
        if !skipSearch { most.print() }
    }

    /// The folder of this program, where the others are.
    private var programs: String {
        URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath().deletingLastPathComponent().path
    }

    /// Doubles until the bound breaks, then halves the interval to within 5 percent.
    private func highestRate(of service: Service, seed: Int) throws -> Double {
        var (good, bad) = (0.0, Double.infinity)
        var next = 100.0
        while bad / max(good, 1) > 1.05, next < 20_000 {
            let result = try service.load(rate: next, seconds: max(5, seconds / 2), seed: seed)
            let holds = result.p99 < Self.bound && result.errors == 0
            say("\(service.name) at \(Int(next))/s: p99 \(result.p99) ms\(holds ? "" : ", too slow or failing")")
            if holds { good = next } else { bad = next }
            next = bad.isFinite ? ((good + bad) / 2).rounded() : good * 2
            if bad.isFinite, bad - good < 10 { break }
        }
        return good
    }

    // MARK: - Windows

    /// Ten events of every user after the model was trained: half of the items are the user's own, half of them neighbours of these.
    private func fill(_ redis: BenchRedis, _ model: ModelSnapshot) async throws {
        let count = model.history.users.count
        if redis.keys() == count { return say("\(count) windows are there from before") }
        say("writing windows of \(count) users")
        let store = RedisSessionStore(
            try RedisConfiguration(url: redis.url, commandTimeout: .seconds(10)))
        var generator = SplitMix64(seed: 11)
        let history = model.history
        let start = ContinuousClock.now
        for from in stride(from: 0, to: count, by: 2000) {
            var events: [Interaction] = []
            for row in from..<min(count, from + 2000) {
                let past = history.past(of: row)
                for place in 0..<SessionState.capacity {
                    var item =
                        past.isEmpty
                        ? Int.random(in: 0..<history.items.count, using: &generator)
                        : Int(past[Int.random(in: 0..<past.count, using: &generator)].item)
                    let neighbours = model.neighbours.matrix.range(of: item)
                    if place % 2 == 1, !neighbours.isEmpty {
                        item = Int(
                            model.neighbours.matrix.indices[
                                Int.random(in: neighbours, using: &generator)])
                    }
                    events.append(
                        try Interaction(
                            event: EventID("b\(row)-\(place)"), user: UserID(history.users.name(of: row)),
                            item: ItemID(history.items.name(of: item)), kind: .purchase,
                            timestamp: Timestamp(
                                milliseconds: history.lastTime.milliseconds + 86_400_000 + Int64(place) * 60_000)))
                }
            }
            try await store.add(events)
            if from % 200_000 == 0, from > 0 {
                let rate = Double(from) / ((ContinuousClock.now - start) / .seconds(1))
                say("\(from) of \(count) windows, \(Int(rate))/s, \(Int(Double(count - from) / rate)) s left")
            }
        }
        redis.save()
    }

    private static func writeUsers(of model: ModelSnapshot, to path: String) throws {
        var generator = SplitMix64(seed: 5)
        let names = (0..<100_000).map { _ in
            model.history.users.name(of: Int.random(in: 0..<model.history.users.count, using: &generator))
        }
        try Data((names.joined(separator: "\n") + "\n").utf8).write(to: URL(fileURLWithPath: path))
    }
}

/// What rec-load told.
struct LoadResult: Decodable, CustomStringConvertible {
    struct Times: Decodable {
        let p50: Double
        let p99: Double
        let p999: Double
        let max: Double
    }
    let sent: Int
    let answered: Int
    let failed: Int
    let degraded: Int
    let statuses: [String: Int]
    let milliseconds: Times
    var p50: Double { milliseconds.p50 }
    var p99: Double { milliseconds.p99 }
    /// Everything but whole answers with status 200.
    var errors: Int { sent - (statuses["200"] ?? 0) + degraded }
    var description: String {
        "\(answered) of \(sent) answered, \(errors) errors (\(degraded) degraded), p50 \(p50), p99 \(p99), p99.9 \(milliseconds.p999), most \(milliseconds.max) ms"
    }
}

/// A service under load.
private final class Service {
    let name: String
    private let users: String
    private let command: (_ port: Int) -> (program: String, arguments: [String], greeting: String)
    private var process: Process?
    private var port = 0

    init(
        name: String, users: String,
        command: @escaping (_ port: Int) -> (program: String, arguments: [String], greeting: String)
    ) {
        (self.name, self.users, self.command) = (name, users, command)
    }

    /// Starts it and waits until it says that it listens.
    func start() throws {
        port = try freePort()
        let (program, arguments, greeting) = command(port)
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        (process.standardOutput, process.standardError) = (output, FileHandle.nullDevice)
        try process.run()
        self.process = process
        var line = Data()
        while !String(decoding: line, as: UTF8.self).contains(greeting) || line.last != 0x0A {
            let byte = output.fileHandleForReading.readData(ofLength: 1)
            guard !byte.isEmpty else { throw ValidationError("\(name) did not start") }
            line += byte
        }
    }

    func load(rate: Double, seconds: Double, seed: Int) throws -> LoadResult {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
            .deletingLastPathComponent().appendingPathComponent("rec-load")
        process.arguments = [
            "--url", "http://127.0.0.1:\(port)", "--rate", "\(rate)", "--seconds", "\(seconds)", "--users", users,
            "--seed", "\(seed)", "--connections", "64",
        ]
        process.standardOutput = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        waitForEnd(process)
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        guard let result = try? decoder.decode(LoadResult.self, from: data) else {
            throw ValidationError("rec-load failed at \(rate) requests/s of \(name)")
        }
        return result
    }

    func stop() {
        process.map(end)
        process = nil
    }
}

/// A Redis server of the measurement's own, whose content stays for the next one.
private final class BenchRedis {
    private let process = Process()
    private let port: Int
    var url: String { "redis://127.0.0.1:\(port)" }

    init(folder: String) throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        port = try freePort()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [
            "redis-server", "--port", "\(port)", "--bind", "127.0.0.1", "--dir", folder, "--save", "", "--appendonly",
            "no",
            "--loglevel", "warning",
        ]
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        // A large dump takes a while to read.
        for _ in 0..<600 {
            if keys() != nil { return }
            Thread.sleep(forTimeInterval: 0.1)
        }
        throw ValidationError("redis-server did not start; is it installed?")
    }

    /// How many windows there are; `nil` = no answer.
    func keys() -> Int? { ask(["DBSIZE"]).flatMap { Int($0) } }
    func save() { _ = ask(["SAVE"]) }
    func stop() { end(process) }

    private func ask(_ words: [String]) -> String? {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["redis-cli", "-p", "\(port)"] + words
        (process.standardOutput, process.standardError) = (output, FileHandle.nullDevice)
        guard (try? process.run()) != nil else { return nil }
        let data = output.fileHandleForReading.readDataToEndOfFile()
        waitForEnd(process)
        return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }
}

/// Ends a program that has nothing to lose, and what it started: Foundation gives each a process group of its own. SIGTERM is blocked
/// in what a thread of Swift's pool starts.
private func end(_ process: Process) {
    if process.isRunning { kill(-process.processIdentifier, SIGKILL) }
    waitForEnd(process)
}

/// Five seconds at most. Foundation hears of the end of a process on the thread that started it, which in an asynchronous function may
/// never listen again.
private func waitForEnd(_ process: Process) {
    for _ in 0..<2500 where process.isRunning && kill(process.processIdentifier, 0) == 0 {
        Thread.sleep(forTimeInterval: 0.002)
    }
}

/// A port that nobody listens on now.
private func freePort() throws -> Int {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
            bind(descriptor, pointer, length) == 0 && getsockname(descriptor, pointer, &length) == 0
        }
    }
    guard isBound else { throw ValidationError("there is no free port") }
    return Int(UInt16(bigEndian: address.sin_port))
}
