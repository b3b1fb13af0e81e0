// The producer's side of the event log.
import Logging
import RecCore

/// `InteractionLog` on a Kafka topic: one JSON message an event, keyed by the user.
///
/// An append returns when all in-sync replicas hold its events. Several may be under way at a time; they share one
/// idempotent producer. A log that is not reachable slows callers down and then, at the deadline, answers `.timeout`:
/// the events may still reach the log, and appending them again is harmless, because whoever reads knows an event by
/// its id.
public struct KafkaLog: InteractionLog {
    let producer: KafkaProducer
    private let deadline: Duration

    /// - Parameters:
    ///   - configuration: brokers and topic.
    ///   - deadline: how long one append may take.
    ///   - logger: told at `info` what cannot be thrown.
    public init(
        _ configuration: KafkaConfiguration, deadline: Duration = .seconds(30), logger: Logger = Logger(label: "kafka")
    ) {
        producer = KafkaProducer(.producer(configuration), topic: configuration.topic, logger: logger)
        self.deadline = deadline
    }

    public func append(_ interactions: [Interaction]) async throws(StorageError) {
        var delivery: Int?
        var start = 0
        // A part is encoded here while the producer's thread sends the one before.
        while start < interactions.count {
            let end = min(interactions.count, start + 5000)
            delivery = await producer.add(KafkaRecords(interactions[start..<end]), to: delivery, deadline: deadline)
            start = end
        }
        if let delivery { try await producer.finish(delivery) }
    }

    /// Gives up what is not acknowledged and ends the connections. Later appends throw.
    public func close() async { await producer.close() }
}
