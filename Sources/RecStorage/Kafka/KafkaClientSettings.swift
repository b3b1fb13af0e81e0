// From a configuration to librdkafka's own, and from its error codes to ours.
import CKafka
import RecCore

/// The properties of a client, in the order they are set.
struct KafkaClientSettings: Sendable {
    /// What a client does.
    enum Role: Sendable { case producer, consumer }

    let role: Role
    private let properties: [(name: String, value: String)]

    private init(
        _ role: Role, _ configuration: KafkaConfiguration, defaults: KeyValuePairs<String, String>,
        fixed: KeyValuePairs<String, String>
    ) {
        self.role = role
        properties =
            [("bootstrap.servers", configuration.brokers.joined(separator: ","))] + defaults.map { ($0.key, $0.value) }
            + configuration.properties.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
            + fixed.map { ($0.key, $0.value) }
    }

    static func producer(_ configuration: KafkaConfiguration) -> KafkaClientSettings {
        KafkaClientSettings(
            .producer, configuration,
            defaults: [
                "client.id": "rec-producer",
                "socket.nagle.disable": "true",
                // As Java's producers do it: one user stays on one partition whoever writes.
                "partitioner": "murmur2_random",
                // What one event waits for company; a producer under load sends full batches anyway.
                "linger.ms": "1",
                // A full queue is what slows callers down: bounded in bytes.
                "queue.buffering.max.kbytes": "65536",
                "queue.buffering.max.messages": "500000",
            ],
            fixed: ["enable.idempotence": "true", "acks": "all"])
    }

    static func consumer(_ configuration: KafkaConfiguration, group: String) -> KafkaClientSettings {
        KafkaClientSettings(
            .consumer, configuration,
            defaults: [
                "client.id": "rec-consumer",
                "socket.nagle.disable": "true",
                "check.crcs": "true",
                "isolation.level": "read_committed",
                "session.timeout.ms": "10000",
                "max.poll.interval.ms": "60000",
                // The consumer has one queue: this bounds its memory.
                "queued.max.messages.kbytes": "16384",
            ],
            fixed: [
                "group.id": group, "enable.auto.commit": "false", "enable.auto.offset.store": "false",
                "partition.assignment.strategy": "range",
                // A group that begins takes all that the topic holds.
                "auto.offset.reset": "earliest",
                // They would wait in the queue of a client that only asks for offsets.
                "statistics.interval.ms": "0",
            ])
    }

    /// What librdkafka says against each property. Its own texts quote values, so they are not passed on.
    static func problems(of properties: [String: String]) -> [String] {
        guard let raw = rd_kafka_conf_new() else { return ["librdkafka gives no configuration"] }
        let configuration = CHandle<KafkaConfigurationObject>(raw)
        return configuration.withPointer { pointer in
            properties.sorted { $0.key < $1.key }.compactMap { name, value in
                switch set(name, value, pointer) {
                case RD_KAFKA_CONF_OK: nil
                case RD_KAFKA_CONF_UNKNOWN: "property \(name): librdkafka does not know it"
                default: "property \(name): librdkafka refuses the value"
                }
            }
        }
    }

    private static func set(_ name: String, _ value: String, _ configuration: OpaquePointer) -> rd_kafka_conf_res_t {
        var text = [CChar](repeating: 0, count: 256)
        return rd_kafka_conf_set(configuration, name, value, &text, text.count)
    }

    /// A new client; its logs go nowhere, its errors come as events.
    func makeInstance() throws(StorageError) -> CHandle<KafkaObject> {
        guard let raw = rd_kafka_conf_new() else {
            throw StorageError(.full, operation: "kafka.open", reason: "librdkafka gives no configuration")
        }
        let configuration = CHandle<KafkaConfigurationObject>(raw)
        for (name, value) in properties {
            let result = configuration.withPointer { Self.set(name, value, $0) }
            guard result == RD_KAFKA_CONF_OK else {
                throw StorageError(.rejected, operation: "kafka.open", reason: "librdkafka refuses property \(name)")
            }
        }
        configuration.withPointer { pointer in
            rd_kafka_conf_set_log_cb(pointer, nil)
            rd_kafka_conf_set_events(
                pointer,
                RD_KAFKA_EVENT_DR | RD_KAFKA_EVENT_FETCH | RD_KAFKA_EVENT_ERROR | RD_KAFKA_EVENT_REBALANCE
                    | RD_KAFKA_EVENT_OFFSET_COMMIT)
        }
        var text = [CChar](repeating: 0, count: 256)
        let type = role == .producer ? RD_KAFKA_PRODUCER : RD_KAFKA_CONSUMER
        // The new client owns the configuration only if it was made.
        let pointer = configuration.take()
        guard let instance = rd_kafka_new(type, pointer, &text, text.count) else {
            rd_kafka_conf_destroy(pointer)
            throw StorageError(
                .rejected, operation: "kafka.open",
                reason: "librdkafka makes no client of this configuration (security settings that do not fit together?)"
            )
        }
        return CHandle(instance)
    }
}

/// `rd_kafka_conf_t`
enum KafkaConfigurationObject: CObject {
    static func destroy(_ pointer: OpaquePointer) { rd_kafka_conf_destroy(pointer) }
}

/// `rd_kafka_t`. A consumer that was not closed leaves its group by silence, as a process does that is killed. Destruction waits for
/// requests that are under way, up to `socket.timeout.ms`, and for threads that may be looking up a name.
enum KafkaObject: CObject {
    static func destroy(_ pointer: OpaquePointer) {
        rd_kafka_destroy_flags(pointer, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE)
    }
}

/// `rd_kafka_queue_t`
enum KafkaQueueObject: CObject {
    static func destroy(_ pointer: OpaquePointer) { rd_kafka_queue_destroy(pointer) }
}

/// `rd_kafka_topic_t`
enum KafkaTopicObject: CObject {
    static func destroy(_ pointer: OpaquePointer) { rd_kafka_topic_destroy(pointer) }
}

/// `rd_kafka_event_t`
enum KafkaEventObject: CObject {
    static func destroy(_ pointer: OpaquePointer) { rd_kafka_event_destroy(pointer) }
}

extension StorageError {
    /// What an error of librdkafka means for the caller.
    static func kafka(_ code: rd_kafka_resp_err_t, _ operation: String) -> StorageError {
        let name = rd_kafka_err2name(code).map { String(cString: $0) } ?? "error \(code.rawValue)"
        let kind: Code =
            switch code {
            case RD_KAFKA_RESP_ERR__TIMED_OUT, RD_KAFKA_RESP_ERR__MSG_TIMED_OUT, RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE,
                RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT:
                .timeout
            case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, RD_KAFKA_RESP_ERR_INVALID_MSG,
                RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED,
                RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED, RD_KAFKA_RESP_ERR__AUTHENTICATION,
                RD_KAFKA_RESP_ERR__INVALID_ARG:
                .rejected
            case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC, RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART: .notFound
            case RD_KAFKA_RESP_ERR__BAD_MSG, RD_KAFKA_RESP_ERR__BAD_COMPRESSION: .corrupt
            default: .unavailable
            }
        return StorageError(kind, operation: operation, reason: name)
    }
}
