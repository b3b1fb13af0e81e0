// rec-process as a process of its own: killed, put to sleep, told to stop.
import Foundation
import RecCore
import Testing

@testable import RecStorage

@Suite(
    .serialized,
    .enabled(
        if: BuiltProgram.path("rec-process") != nil && PrivateRedis.isInstalled && KafkaCluster.canFail,
        "rec-process, Redis or the mock broker is not there"))
struct StreamProgramTests {
    /// A broker, a Redis and the flags that name them.
    private final class Place {
        let cluster: KafkaCluster
        let kafka: KafkaConfiguration
        let redis: PrivateRedis
        let sessions: RedisSessionStore
        let folder: URL

        init() throws {
            cluster = try KafkaCluster()
            kafka = try cluster.configuration()
            redis = try PrivateRedis()
            sessions = RedisSessionStore(try redis.configuration())
            folder = FileManager.default.temporaryDirectory.appending(path: "process-\(UUID().uuidString)")
        }

        deinit {
            cluster.stop()
            try? FileManager.default.removeItem(at: folder)
        }

        func processor(_ name: String = "a", _ arguments: [String] = []) throws -> BuiltProgram {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            let properties = KafkaCluster.impatient.map { "\($0.key)=\($0.value)" }.joined(separator: ";")
            let settings = [
                "REC_REDIS_URL=unix:\(redis.socketPath)", "REC_KAFKA_BROKERS=\(cluster.address)",
                "REC_KAFKA_TOPIC=\(kafka.topic)", "REC_KAFKA_DEAD_LETTERS=\(kafka.deadLetterTopic)",
                "REC_KAFKA_GROUP=\(kafka.group)", "REC_KAFKA_PROPERTIES=\(properties)",
            ]
            // An own data folder each: the history of this test is nobody's.
            let data = folder.appending(path: name).path
            _ = try? FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: true)
            return try BuiltProgram(
                "rec-process",
                ["--data", data, "--batch", "100"] + settings.flatMap { ["--set", $0] } + arguments)
        }

        /// Waits until the group has at most so many events before it.
        func waitForLag(atMost limit: Int64) async throws {
            let monitor = KafkaLagMonitor(kafka)
            try await eventually("lag \(limit)", within: .seconds(60)) { try await monitor.lag().total <= limit }
            await monitor.close()
        }
    }

    @Test("F1 rec-process that is killed eight times loses nothing and leaves every window exact")
    func kills() async throws {
        let place = try Place()
        let log = KafkaLog(place.kafka)
        let events = try KafkaEvents.make(16_000, users: 300)
        var generator = KafkaSeed(31)

        for life in 0..<8 {
            try await log.append(Array(events[(life * 1900)..<((life + 1) * 1900)]))
            let processor = try place.processor()
            try await place.waitForLag(atMost: Int64.random(in: 300...1800, using: &generator))
            processor.send(SIGKILL)
            _ = processor.end()
        }
        let last = try place.processor()
        // Events that only the last one can take: when they are taken, it is ready for the signal.
        try await log.append(Array(events[(8 * 1900)...]))
        try await place.waitForLag(atMost: 0)
        last.send(SIGTERM)
        let end = last.end()

        #expect(end.code == 0, "\(end.text)")
        #expect(try await KafkaEvents.wrongWindows(place.sessions, events) == 0)
    }

    @Test("F2 rec-process that slept through its session wakes, changes nothing and works on")
    func sleep() async throws {
        let place = try Place()
        let log = KafkaLog(place.kafka)
        let events = try KafkaEvents.make(9000, users: 300)
        try await log.append(Array(events.prefix(3000)))
        let sleepy = try place.processor("a")
        try await place.waitForLag(atMost: 2500)
        sleepy.send(SIGSTOP)

        try await log.append(Array(events[3000..<6000]))
        let other = try place.processor("b")
        try await place.waitForLag(atMost: 0)
        sleepy.send(SIGCONT)
        try await log.append(Array(events[6000...]))
        try await place.waitForLag(atMost: 0)
        sleepy.send(SIGTERM)
        other.send(SIGTERM)
        let (first, second) = (sleepy.end(), other.end())

        #expect(first.code == 0, "\(first.text)")
        #expect(second.code == 0, "\(second.text)")
        #expect(try await KafkaEvents.wrongWindows(place.sessions, events) == 0)
    }

    @Test("F18 events of the future go to the dead letters and into no window")
    func future() async throws {
        let place = try Place()
        let log = KafkaLog(place.kafka)
        let events = try KafkaEvents.make(500, users: 20)
        let year = Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000) + 365 * 86_400_000)
        let future = try (0..<7).map { number in
            try Interaction(
                event: EventID("future\(number)"), user: UserID("user \(number)"), item: ItemID("item"),
                kind: .purchase, timestamp: year, weight: 1)
        }
        try await log.append(events + future)

        let processor = try place.processor()
        try await place.waitForLag(atMost: 0)
        processor.send(SIGTERM)
        let end = processor.end()

        #expect(end.code == 0)
        #expect(end.text.contains("7 dead letters"), "\(end.text)")
        #expect(try await KafkaEvents.wrongWindows(place.sessions, events) == 0)
    }

    /// Where a processor tells its figures.
    private func port(of processor: BuiltProgram) async throws -> Int {
        var port: Int?
        try await eventually("the port of the figures") {
            port = processor.said.firstMatch(of: /operators: http:\/\/127\.0\.0\.1:(\d+)\n/).flatMap { Int($0.1) }
            return port != nil || !processor.isRunning
        }
        return try #require(port, "\(processor.said)")
    }

    private func scrape(_ port: Int) async throws -> Set<String> {
        let text = String(decoding: try await LocalHTTP.ask("GET", "/metrics", port: port).body, as: UTF8.self)
        return Set(text.split(separator: "\n").map(String.init))
    }

    @Test("rec-process without Kafka counts failures and tells no lag")
    func figuresWithoutKafka() async throws {
        let place = try Place()
        let processor = try place.processor("a", ["--admin-port", "0"])
        let port = try await port(of: processor)
        try await eventually("a lag is told") { try await scrape(port).contains("reco_stream_lag_events 0") }

        place.cluster.stop()

        try await eventually("the failures are told, and no lag") {
            let lines = try await scrape(port)
            return !lines.contains { $0.hasPrefix("reco_stream_lag_events") }
                && lines.contains { $0.hasPrefix("reco_stream_failures_total") && !$0.hasSuffix(" 0") }
        }
        processor.send(SIGKILL)
        _ = processor.end()
    }

    @Test("rec-process whose port is taken says so and takes nothing")
    func takenPort() throws {
        let place = try Place()
        let end = try place.processor("a", ["--admin-port", "\(place.redis.port)"]).end()

        #expect(end.code == 1)
        #expect(end.text.contains("choose another with --admin-port"), "\(end.text)")
        #expect(!end.text.contains("events in"), "\(end.text)")
    }

    @Test(
        "rec-process refuses options that would do nothing",
        arguments: [["--admin-host", "::1"], ["--rebuild", "--admin-port", "0"], ["--admin-port", "-1"]])
    func vainOptions(_ arguments: [String]) throws {
        let end = try BuiltProgram("rec-process", arguments).end()

        #expect(end.code == 64)
        #expect(end.text.contains("--admin-"), "\(end.text)")
    }

    @Test("rec-process tells Prometheus what it took, what waits and what failed")
    func figures() async throws {
        let place = try Place()
        let log = KafkaLog(place.kafka)
        let events = try KafkaEvents.make(900, users: 20)
        let future = try Interaction(
            event: EventID("future"), user: UserID("user"), item: ItemID("item"), kind: .purchase,
            timestamp: Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000) + 86_400_000), weight: 1)
        try await log.append(Array(events.prefix(500)) + [future])
        let patient = KafkaCluster.patient.map { "\($0.key)=\($0.value)" }.joined(separator: ";")
        let processor = try place.processor(
            "a", ["--admin-port", "0", "--set", "REC_KAFKA_PROPERTIES=\(patient)"])
        let figures = try await port(of: processor)
        /// A scrape holds all of these lines.
        func tells(_ lines: [String]) async throws -> Bool { try await scrape(figures).isSuperset(of: lines) }

        try await eventually("what it took is told") {
            try await tells([
                "reco_stream_events_total 500", "reco_stream_dead_letters_total 1", "reco_stream_lag_events 0",
            ])
        }
        place.redis.kill()
        try await log.append(Array(events.suffix(400)))
        try await eventually("what waits is told") {
            try await tells(["reco_stream_events_total 500", "reco_stream_lag_events 400"])
        }
        #expect(try await !tells([#"reco_stream_failures_total{reason="unavailable"} 0"#]))
        #expect(try await LocalHTTP.ask("GET", "/healthz", port: figures).status == 200)
        try place.redis.start()
        try await eventually("it works on") {
            try await tells(["reco_stream_events_total 900", "reco_stream_lag_events 0"])
        }
        processor.send(SIGTERM)
        let end = processor.end()
        #expect(end.code == 0, "\(end.text)")
    }
}
