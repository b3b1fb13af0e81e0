// The networked stores next to the plain clients of the same servers.
import ArgumentParser
import Foundation
import RecCore
import RecStorage

struct StorageCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "storage",
        abstract: "Rates of PostgreSQL, Redis and Kafka through the adapters, next to plain clients.",
        discussion: """
            Needs servers: Scripts/servers start FOLDER, then --config FOLDER/settings. Works in a database rec_bench of its own, \
            in Redis' database 9, which is emptied, and in topics of its own. psql, redis-benchmark and kcat (where installed) do \
            the same work with the same rows.
            """)
    @OptionGroup var common: CommonOptions
    @Option(help: "Settings of the servers.") var config: String
    @Option(help: "Rows at 100 percent.") var rows = 1_000_000

    func run() async throws {
        signal(SIGPIPE, SIG_IGN)
        let settings = try StorageSettings(environment: [:], file: config)
        let count = common.scaled(rows, least: 10_000)
        let events = try Self.events(count)
        guard let url = settings["REC_POSTGRES_URL"], let redis = settings["REC_REDIS_URL"] else {
            throw ValidationError("\(config) names no REC_POSTGRES_URL or no REC_REDIS_URL")
        }
        let database = try BenchDatabase(url)
        defer { database.drop() }
        let folder = try WorkFolder()
        try await copy(events, database, folder)
        let sessions = RedisSessionStore(try benchRedis(redis))
        try await windows(events, sessions, redis)
        guard let kafka = settings["REC_KAFKA_BROKERS"] else { return say("Kafka is not measured: it is not named") }
        try await stream(database, sessions, kafka, events, folder)
    }

    /// H&M's shape: customers of 64 hexadecimal digits, articles of ten, in the order of time.
    private static func events(_ count: Int) throws -> [Interaction] {
        var generator = SplitMix64(seed: 7)
        let users = (0..<max(1, count / 28)).map { _ in
            (0..<4).map { _ in String(format: "%016lx", UInt64.random(in: 0 ... .max, using: &generator)) }.joined()
        }
        return try (0..<count).map { number in
            try Interaction(
                user: UserID(users[Int.random(in: 0..<users.count, using: &generator)]),
                item: ItemID(String(format: "%010d", Int.random(in: 0..<100_000, using: &generator))), kind: .purchase,
                timestamp: Timestamp(milliseconds: 1_537_401_600_000 + Int64(number / 50) * 86_400))
        }
    }

    // MARK: - PostgreSQL

    /// Chunks with a checkpoint each into the keyed table, next to psql's \copy of the same rows into the same table, and into
    /// one without keys.
    private func copy(_ events: [Interaction], _ database: BenchDatabase, _ folder: WorkFolder) async throws {
        let store = try await PostgresStore(try PostgresConfiguration(database.url, statementTimeout: .seconds(120)))
        let file = folder.path + "/rows.tsv"
        try Self.write(events, to: file)
        try database.sql("CREATE TABLE bare AS SELECT * FROM history WHERE false")
        var keyed = Figure(
            name: "storage.copy", unit: "rows/s", peerName: "psql \\copy into the same table", isRate: true,
            note: "\(events.count) rows")
        var bare = Figure(
            name: "storage.copy.bare", unit: "rows/s", peerName: "psql \\copy into a table without keys", isRate: true)
        for round in 0..<common.rounds {
            try database.sql("TRUNCATE history, source, bare; CHECKPOINT")
            let name = "bench\(round)"
            let ours = try await Self.time {
                var position: SourcePosition?
                for start in stride(from: 0, to: events.count, by: 50_000) {
                    let end = min(events.count, start + 50_000)
                    let next = SourcePosition(source: name, fingerprint: "f", records: Int64(end), rejected: 0)
                    try await store.history.load(Array(events[start..<end]), from: position, to: next)
                    position = next
                }
            }
            guard try await store.history.count() == events.count else { throw ValidationError("rows are missing") }
            try database.sql("TRUNCATE history, source; CHECKPOINT")
            let columns = "(position, time, weight, kind, user_id, item_id)"
            let psql = try seconds { try database.sql("\\copy history \(columns) FROM '\(file)'") }
            try database.sql("TRUNCATE history; CHECKPOINT")
            let plain = try seconds { try database.sql("\\copy bare \(columns) FROM '\(file)'") }
            let rate = Double(events.count)
            keyed.ours.append(rate / ours)
            bare.ours.append(rate / ours)
            keyed.peer.append(rate / psql)
            bare.peer.append(rate / plain)
        }
        keyed.print()
        bare.print()
        // What the replay reads.
        try database.sql("TRUNCATE history, source, bare")
        for start in stride(from: 0, to: events.count, by: 100_000) {
            _ = try await store.history.append(Array(events[start..<min(events.count, start + 100_000)]))
        }
        try await store.analyze()
    }

    private static func write(_ events: [Interaction], to path: String) throws {
        var text = ""
        let formatter = ISO8601DateFormatter()
        for (place, event) in events.enumerated() {
            let time = formatter.string(from: Date(timeIntervalSince1970: Double(event.timestamp.milliseconds) / 1000))
            text += "\(place + 1)\t\(time)\t1\tpurchase\t\(event.user.rawValue)\t\(event.item.rawValue)\n"
        }
        try text.write(toFile: path, atomically: false, encoding: .utf8)
    }

    // MARK: - Redis

    private func benchRedis(_ url: String) throws -> RedisConfiguration {
        guard var parts = URLComponents(string: url), parts.scheme == "redis" else {
            throw ValidationError("REC_REDIS_URL must begin with redis:// here")
        }
        parts.path = "/9"
        return try RedisConfiguration(url: parts.string ?? url, commandTimeout: .seconds(10))
    }

    private func windows(_ events: [Interaction], _ sessions: RedisSessionStore, _ url: String) async throws {
        let parts = URLComponents(string: url)
        let server = ["-h", parts?.host ?? "", "-p", "\(parts?.port ?? 6379)"]
        let named = try events.enumerated().map { place, event in
            try Interaction(
                event: NamedHistory.eventID(ofRow: Int64(place + 1)), user: event.user, item: event.item,
                kind: event.kind, timestamp: event.timestamp)
        }
        var figure = Figure(
            name: "storage.windows", unit: "events/s",
            peerName: "redis-benchmark, plain ZADD", isRate: true,
            note: "batches of 2000; the peer adds members of the same size, 4 connections, 200 in a pipeline, none cut")
        for _ in 0..<common.rounds {
            try runProgram("redis-cli", server + ["-n", "9", "FLUSHDB"])
            let ours = try await Self.time {
                for start in stride(from: 0, to: named.count, by: 2000) {
                    try await sessions.add(Array(named[start..<min(named.count, start + 2000)]))
                }
            }
            figure.ours.append(Double(named.count) / ours)
            try runProgram("redis-cli", server + ["-n", "9", "FLUSHDB"])
            let peer = try seconds {
                try runProgram(
                    "redis-benchmark",
                    server + [
                        "--dbnum", "9", "-q", "-c", "4", "-P", "200", "-n", "\(named.count)", "-r",
                        "\(named.count / 28)",
                        "ZADD", "w:" + String(repeating: "0", count: 52) + "__rand_int__", "1537401600000",
                        "h__rand_int__:0123456789:P",
                    ])
            }
            figure.peer.append(Double(named.count) / peer)
        }
        figure.print()
        try runProgram("redis-cli", server + ["-n", "9", "FLUSHDB"])
    }

    // MARK: - Kafka

    private func stream(
        _ database: BenchDatabase, _ sessions: RedisSessionStore, _ brokers: String, _ events: [Interaction],
        _ folder: WorkFolder
    ) async throws {
        let store = try await PostgresStore(try PostgresConfiguration(database.url, statementTimeout: .seconds(120)))
        func configuration(_ topic: String) throws -> KafkaConfiguration {
            try KafkaConfiguration(
                brokers: brokers.split(separator: ",").map(String.init), topic: topic, group: topic,
                properties: ["allow.auto.create.topics": "true"])
        }
        let run = UInt32.random(in: 0 ... .max)
        let hasKcat = (try? runProgram("kcat", ["-V"])) != nil
        if !hasKcat { say("kcat is not installed: Kafka's rates stand alone") }
        let lines = folder.path + "/messages"
        if hasKcat { try Self.writeMessages(events, to: lines) }
        var produced = Figure(
            name: "storage.replay", unit: "events/s",
            peerName: hasKcat ? "kcat -P -l of the same messages, acks=all" : nil,
            isRate: true, note: "from PostgreSQL into the log, not waiting for processors")
        var processed = Figure(
            name: "storage.process", unit: "events/s", isRate: true,
            note: "replay, broker, processor and Redis at the same time on the same cores")
        for round in 0..<common.rounds {
            let alone = try configuration("bench-\(run)-replay-\(round)")
            let log = KafkaLog(alone)
            let time = try await Self.time {
                _ = try await ReplayPipeline(history: store.history, log: log).run(clock: ContinuousClock())
            }
            await log.close()
            produced.ours.append(Double(events.count) / time)
            if hasKcat {
                let peer = try seconds {
                    try runProgram(
                        "kcat",
                        [
                            "-P", "-b", brokers, "-t", "bench-\(run)-kcat-\(round)", "-l", lines, "-K", "\t", "-X",
                            "acks=all", "-X", "linger.ms=20",
                        ])
                }
                produced.peer.append(Double(events.count) / peer)
            }
            processed.ours.append(
                try await rate(configuration("bench-\(run)-process-\(round)"), store, sessions, events))
        }
        produced.print()
        processed.print()
    }

    /// Events a second from history through the log into the windows.
    private func rate(
        _ kafka: KafkaConfiguration, _ store: PostgresStore, _ sessions: RedisSessionStore, _ events: [Interaction]
    ) async throws -> Double {
        let feed = try KafkaFeed(kafka)
        let processor = Task {
            try await StreamPipeline(
                feed: feed, sessions: sessions, options: .init(batchSize: 2000, patience: .seconds(1))
            )
            .run(clock: ContinuousClock())
        }
        let monitor = KafkaLagMonitor(kafka)
        let log = KafkaLog(kafka)
        // Joining the group is not part of the rate.
        try await log.append([
            try Interaction(
                event: EventID("first"), user: UserID("first"), item: ItemID("i"), kind: .view,
                timestamp: Timestamp(milliseconds: 1))
        ])
        while try await monitor.lag().total > 0 { try await Task.sleep(for: .milliseconds(20)) }
        let time = try await Self.time {
            _ = try await ReplayPipeline(
                history: store.history, log: log,
                options: .init(pageSize: 20_000, maximumLag: 30_000, lagInterval: .milliseconds(20))
            ) { () async throws(StorageError) in try await monitor.lag().total }
            .run(clock: ContinuousClock())
            while try await monitor.lag().total > 0 { try await Task.sleep(for: .milliseconds(5)) }
        }
        processor.cancel()
        let report = try await processor.value
        await feed.close()
        await log.close()
        guard report.events == events.count + 1 else {
            throw ValidationError("\(report.events) events were processed, not \(events.count + 1)")
        }
        return Double(events.count) / time
    }

    private static func writeMessages(_ events: [Interaction], to path: String) throws {
        var text = ""
        for (place, event) in events.enumerated() {
            let id = NamedHistory.eventID(ofRow: Int64(place + 1)).rawValue
            text +=
                "\(event.user.rawValue)\t{\"event_id\":\"\(id)\",\"user\":\"\(event.user.rawValue)\",\"item\":\"\(event.item.rawValue)\","
            text += "\"kind\":\"purchase\",\"timestamp\":\(event.timestamp.milliseconds)}\n"
        }
        try text.write(toFile: path, atomically: false, encoding: .utf8)
    }

    // MARK: - Programs

    private static func time(_ work: () async throws -> Void) async rethrows -> Double {
        let start = ContinuousClock.now
        try await work()
        return (ContinuousClock.now - start) / .seconds(1)
    }
}
