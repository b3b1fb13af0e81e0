// How far a group is behind the log.
import RecCore

/// Messages that a group has not acknowledged, by partition.
public struct KafkaLag: Sendable, Hashable {
    /// Partition number to messages.
    public let partitions: [Int32: Int64]
    /// - Parameter partitions: partition number to messages.
    public init(partitions: [Int32: Int64]) { self.partitions = partitions }
    /// Of all partitions.
    public var total: Int64 { partitions.values.reduce(0, +) }
}

/// Asks the brokers how far a whole group is behind, partitions that no member reads included: for a replay that waits for the
/// processors, and for a processor that tells its operator.
///
/// A member's own figures would not do: librdkafka goes on telling those of partitions that went to another member, and knows none before
/// the first acknowledgement.
public actor KafkaLagMonitor {
    private let executor = BlockingExecutor("kafka lag")
    public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }
    private let configuration: KafkaConfiguration
    private var client: KafkaConsumerClient?
    private var isClosed = false

    /// A monitor of the configuration's group; it connects at the first question.
    public init(_ configuration: KafkaConfiguration) { self.configuration = configuration }

    /// The group's lag now. A group that never acknowledged stands at the oldest message.
    /// - Parameter deadline: for all questions to the brokers together: two, and two for each broker that leads partitions.
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
        guard !isClosed else {
            throw StorageError(.unavailable, operation: "kafka.lag", reason: "the monitor was closed")
        }
        if client == nil {
            client = try KafkaConsumerClient(
                .consumer(configuration, group: configuration.group), topic: configuration.topic, subscribes: false)
        }
        return try client?.positions(within: deadline) ?? [:]
    }

    /// Ends the connections. Later questions throw.
    public func close() {
        isClosed = true
        client?.end()
        client = nil
    }
}
