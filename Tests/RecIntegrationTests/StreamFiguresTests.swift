// The port on which rec-process tells its figures, asked as Prometheus does.
import Foundation
import RecCore
import Testing

@testable import RecStorage

@Suite(
    .enabled(
        if: BuiltProgram.path("rec-process") != nil && PrivateRedis.isInstalled && KafkaCluster.canFail,
        "rec-process, Redis or the mock broker is not there"))
struct StreamFiguresTests {
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
        let place = try StreamPlace()
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
        _ = await processor.end()
    }

    @Test("rec-process whose port is taken says so and takes nothing")
    func takenPort() async throws {
        let place = try StreamPlace()
        let end = try await place.processor("a", ["--admin-port", "\(place.redis.port)"]).end()

        #expect(end.code == 1)
        #expect(end.text.contains("choose another with --admin-port"), "\(end.text)")
        #expect(!end.text.contains("events in"), "\(end.text)")
    }

    @Test(
        "rec-process refuses options that would do nothing",
        arguments: [["--admin-host", "::1"], ["--rebuild", "--admin-port", "0"], ["--admin-port", "-1"]])
    func vainOptions(_ arguments: [String]) async throws {
        let end = try await BuiltProgram("rec-process", arguments).end()

        #expect(end.code == 64)
        #expect(end.text.contains("--admin-"), "\(end.text)")
    }

    @Test("rec-process tells Prometheus what it took, what waits and what failed")
    func figures() async throws {
        let place = try StreamPlace()
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
        let end = await processor.end()
        #expect(end.code == 0, "\(end.text)")
    }
}
