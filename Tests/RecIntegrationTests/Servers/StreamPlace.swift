// What rec-process needs, for tests that start it.
import Foundation
import RecCore

@testable import RecStorage

/// A broker, a Redis and the flags that name them.
final class StreamPlace {
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
        try await eventually("lag \(limit)", within: .seconds(60)) {
            // A question may take too long on a busy machine.
            (try? await monitor.lag().total).map { $0 <= limit } ?? false
        }
        await monitor.close()
    }
}
