// How far a group is behind the log.
import Foundation
import RecCore

/// Messages that a group has not acknowledged, by partition.
public struct KafkaLag: Sendable, Hashable {
    /// Partition number to messages.
    public let partitions: [Int32: Int64]
    /// - Parameter partitions: partition number to messages.
    public init(partitions: [Int32: Int64]) { self.partitions = partitions }
    /// Of all partitions.
    public var total: Int64 { partitions.values.reduce(0, +) }

    /// Reads librdkafka's statistics; `nil` when they do not tell. Partitions that the consumer does not read are left
    /// out, and so are those of which it does not know where the group stands.
    init?(statistics: String, topic: String) {
        struct Statistics: Decodable { let topics: [String: Topic] }
        struct Topic: Decodable { let partitions: [String: Partition] }
        struct Partition: Decodable {
            let lag: Int64?
            enum CodingKeys: String, CodingKey { case lag = "consumer_lag" }
        }
        guard let read = try? JSONDecoder().decode(Statistics.self, from: Data(statistics.utf8)),
            let topic = read.topics[topic]
        else { return nil }
        var lags: [Int32: Int64] = [:]
        for (name, partition) in topic.partitions {
            if let number = Int32(name), number >= 0, let lag = partition.lag, lag >= 0 { lags[number] = lag }
        }
        partitions = lags
    }
}

/// Asks the brokers how far a group is behind: for whoever is no member of it, as a replay that waits for the
/// processors.
public actor KafkaLagMonitor {
    private let executor = BlockingExecutor("kafka lag")
    public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }
    private let configuration: KafkaConfiguration
    private var client: KafkaConsumerClient?

    /// A monitor of the configuration's group; it connects at the first question.
    public init(_ configuration: KafkaConfiguration) { self.configuration = configuration }

    /// The group's lag now. A group that never acknowledged stands at the oldest message.
    /// - Parameter deadline: of each question to a broker.
    public func lag(within deadline: Duration = .seconds(5)) throws(StorageError) -> KafkaLag {
        KafkaLag(partitions: try positions(deadline).mapValues { max(0, $0.high - max($0.low, $0.committed ?? 0)) })
    }

    /// Messages that the topic's partitions hold now.
    func messages(within deadline: Duration = .seconds(5)) throws(StorageError) -> Int64 {
        try positions(deadline).values.reduce(0) { $0 + $1.high - $1.low }
    }

    private func positions(
        _ deadline: Duration
    ) throws(StorageError) -> [Int32: (low: Int64, high: Int64, committed: Int64?)] {
        if client == nil {
            client = try KafkaConsumerClient(
                .consumer(configuration, group: configuration.group), topic: configuration.topic, subscribes: false)
        }
        return try client?.positions(within: deadline.wholeMilliseconds) ?? [:]
    }

    /// Ends the connections.
    public func close() { client = nil }
}
