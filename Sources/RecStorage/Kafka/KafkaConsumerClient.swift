// The calls of a consumer into librdkafka.
import CKafka
import RecCore

/// One message of the log.
struct KafkaMessage: Sendable {
    let partition: Int32
    let offset: Int64
    let key: [UInt8]
    let value: [UInt8]
    /// Only where they were asked for.
    var headers: [String: String] = [:]
}

/// One consumer of one topic. Not for more than one thread at a time; ``KafkaFeed`` gives it one of its own.
final class KafkaConsumerClient {
    /// What comes out of a consumer's queue.
    enum Event {
        case message(KafkaMessage)
        /// The consumer reads these partitions from now on.
        case assigned([Int32])
        /// The consumer reads nothing from now on.
        case revoked
        case failed(StorageError)
        /// Something that needs no answer.
        case other
    }

    // Destroyed in this order, by the deinitialiser.
    private var queue: CHandle<KafkaQueueObject>?
    private var instance: CHandle<KafkaObject>?
    private let topic: String

    private let readsHeaders: Bool

    /// - Parameters:
    ///   - subscribes: false = a client that only asks for offsets and is no member of the group.
    ///   - readsHeaders: whether messages come with their headers.
    init(
        _ settings: KafkaClientSettings, topic: String, subscribes: Bool, readsHeaders: Bool = false
    ) throws(StorageError) {
        (self.topic, self.readsHeaders) = (topic, readsHeaders)
        let made = try settings.makeInstance()
        let found = made.withPointer { instance -> OpaquePointer? in
            _ = rd_kafka_poll_set_consumer(instance)
            return rd_kafka_queue_get_consumer(instance)
        }
        queue = found.map { CHandle($0) }
        instance = consume made
        guard found != nil else {
            throw StorageError(.rejected, operation: "kafka.open", reason: "librdkafka gives no queue")
        }
        guard subscribes else { return }
        let error = withPartitions([(-1, nil)]) { list in
            instance?.withPointer { rd_kafka_subscribe($0, list) } ?? RD_KAFKA_RESP_ERR__DESTROY
        }
        guard error == RD_KAFKA_RESP_ERR_NO_ERROR else {
            throw .kafka(error ?? RD_KAFKA_RESP_ERR__FAIL, "feed.open")
        }
    }

    deinit {
        queue = nil
        instance = nil
    }

    /// Leaves the group, so that others take over at once. `rd_kafka_consumer_close` would wait for a commit that no broker answers.
    /// - Parameter limit: if it did not leave until then, the group hears of its end when the session is over.
    func leave(within limit: Duration) {
        queue = nil
        let hasLeft = instance?.withPointer { instance in
            guard let raw = rd_kafka_queue_new(instance) else { return false }
            let last = CHandle<KafkaQueueObject>(raw)
            let deadline = ContinuousClock.now + limit
            last.withPointer { last in
                // A consumer that failed fatally refuses.
                if let refusal = rd_kafka_consumer_close_queue(instance, last) {
                    return rd_kafka_error_destroy(refusal)
                }
                while rd_kafka_consumer_closed(instance) == 0, ContinuousClock.now < deadline {
                    guard let raw = rd_kafka_queue_poll(last, 50) else { continue }
                    let event = CHandle<KafkaEventObject>(raw)
                    event.withPointer { _ = read($0) }
                }
            }
            return rd_kafka_consumer_closed(instance) != 0
        }
        guard hasLeft == false else { return end() }
        instance.take()?.destroy(within: .zero) { _ = rd_kafka_assign($0, nil) }
    }

    /// Ends the connections, and waits two seconds for that.
    func end() {
        queue = nil
        instance.take()?.destroy(within: .seconds(2))
    }

    /// The next event, waiting for it; `nil` = none came in time.
    func next(_ milliseconds: Int32) -> Event? {
        guard let raw = queue?.withPointer({ rd_kafka_queue_poll($0, milliseconds) }) ?? nil else { return nil }
        let event = CHandle<KafkaEventObject>(raw)
        return event.withPointer { read($0) }
    }

    private func read(_ event: OpaquePointer) -> Event {
        switch rd_kafka_event_type(event) {
        case RD_KAFKA_EVENT_FETCH:
            guard let pointer = rd_kafka_event_message_next(event) else { return .other }
            let message = pointer.pointee
            guard message.err == RD_KAFKA_RESP_ERR_NO_ERROR else { return .failed(.kafka(message.err, "feed.next")) }
            return .message(
                KafkaMessage(
                    partition: message.partition, offset: message.offset, key: Self.bytes(message.key, message.key_len),
                    value: Self.bytes(message.payload, message.len),
                    headers: readsHeaders ? Self.headers(of: pointer) : [:]))
        case RD_KAFKA_EVENT_REBALANCE: return rebalance(event)
        case RD_KAFKA_EVENT_ERROR:
            // Its code is that of the cause, and none of its own.
            guard rd_kafka_event_error_is_fatal(event) == 0 else {
                return .failed(StorageError(.conflict, operation: "feed.next", reason: "the consumer failed fatally"))
            }
            let error = rd_kafka_event_error(event)
            switch error {
            // A member that was silent for too long joins again by itself; that its partitions are gone is told apart.
            case RD_KAFKA_RESP_ERR__PARTITION_EOF, RD_KAFKA_RESP_ERR__MAX_POLL_EXCEEDED, RD_KAFKA_RESP_ERR_NO_ERROR:
                return .other
            default: return .failed(.kafka(error, "feed.next"))
            }
        default: return .other
        }
    }

    private func rebalance(_ event: OpaquePointer) -> Event {
        instance?.withPointer { instance -> Event in
            guard rd_kafka_event_error(event) == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS,
                let list = rd_kafka_event_topic_partition_list(event)
            else {
                _ = rd_kafka_assign(instance, nil)
                return .revoked
            }
            let error = rd_kafka_assign(instance, list)
            guard error == RD_KAFKA_RESP_ERR_NO_ERROR else { return .failed(.kafka(error, "feed.next")) }
            return .assigned((0..<Int(list.pointee.cnt)).map { list.pointee.elems[$0].partition })
        } ?? .other
    }

    private static func headers(of message: UnsafePointer<rd_kafka_message_t>) -> [String: String] {
        var list: OpaquePointer?
        guard rd_kafka_message_headers(message, &list) == RD_KAFKA_RESP_ERR_NO_ERROR, let list else { return [:] }
        var found: [String: String] = [:]
        var place = 0
        var (name, value, size): (UnsafePointer<CChar>?, UnsafeRawPointer?, Int) = (nil, nil, 0)
        while rd_kafka_header_get_all(list, place, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR, let key = name {
            let bytes = UnsafeRawBufferPointer(start: value, count: value == nil ? 0 : size)
            found[String(cString: key)] = String(decoding: bytes, as: UTF8.self)
            place += 1
        }
        return found
    }

    private static func bytes(_ start: UnsafeMutableRawPointer?, _ count: Int) -> [UInt8] {
        guard let start, count > 0 else { return [] }
        return Array(UnsafeRawBufferPointer(start: start, count: count))
    }

    /// Commits offsets and waits for the coordinator's answer.
    func commit(_ offsets: [Int32: Int64], within milliseconds: Int32) throws(StorageError) {
        let answer = instance?.withPointer { instance -> rd_kafka_resp_err_t in
            // A member that was put out of the group knows it before it is told.
            guard rd_kafka_assignment_lost(instance) == 0 else { return RD_KAFKA_RESP_ERR__ASSIGNMENT_LOST }
            guard let raw = rd_kafka_queue_new(instance) else { return RD_KAFKA_RESP_ERR__FAIL }
            let answers = CHandle<KafkaQueueObject>(raw)
            return answers.withPointer { answers in
                let error = withPartitions(offsets.map { ($0.key, $0.value) }) { list in
                    rd_kafka_commit_queue(instance, list, answers, nil, nil)
                }
                guard error == RD_KAFKA_RESP_ERR_NO_ERROR else { return error ?? RD_KAFKA_RESP_ERR__FAIL }
                guard let raw = rd_kafka_queue_poll(answers, milliseconds) else { return RD_KAFKA_RESP_ERR__TIMED_OUT }
                let event = CHandle<KafkaEventObject>(raw)
                return event.withPointer { event in
                    let error = rd_kafka_event_error(event)
                    guard error == RD_KAFKA_RESP_ERR_NO_ERROR,
                        let list = rd_kafka_event_topic_partition_list(event)
                    else { return error }
                    let errors = (0..<Int(list.pointee.cnt)).map { list.pointee.elems[$0].err }
                    return errors.first { $0 != RD_KAFKA_RESP_ERR_NO_ERROR } ?? RD_KAFKA_RESP_ERR_NO_ERROR
                }
            }
        }
        switch answer {
        case nil: throw StorageError(.unavailable, operation: "feed.acknowledge", reason: "the feed was closed")
        case RD_KAFKA_RESP_ERR_NO_ERROR: return
        case RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS, RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION,
            RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID, RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID,
            RD_KAFKA_RESP_ERR__ASSIGNMENT_LOST, RD_KAFKA_RESP_ERR__STATE:
            throw StorageError(
                .conflict, operation: "feed.acknowledge", reason: "the partitions belong to another consumer by now")
        case let error?: throw .kafka(error, "feed.acknowledge")
        }
    }

    /// Offsets of each partition: the oldest message, behind the newest one, and where the group stands (`nil` =
    /// nowhere yet).
    /// - Parameter limit: for all questions to the brokers together.
    func positions(
        within limit: Duration
    ) throws(StorageError) -> [Int32: (low: Int64, high: Int64, committed: Int64?)] {
        // Nobody else reads the queue of a client that is no member of its group, and errors of brokers wait there.
        while next(0) != nil {}
        let end = ContinuousClock.now + limit
        func left() -> Int32 { max(1, ContinuousClock.now.duration(to: end).wholeMilliseconds) }
        let partitions = try partitionCount(within: left())
        // First where the group stands: what comes meanwhile may be counted, and is never left out.
        let committed = try offsets(partitions, within: left(), rd_kafka_committed)
        let lows = try offsets(partitions, within: left()) { Self.ask(RD_KAFKA_OFFSET_BEGINNING, $0, $1, $2) }
        let highs = try offsets(partitions, within: left()) { Self.ask(RD_KAFKA_OFFSET_END, $0, $1, $2) }
        return highs.reduce(into: [:]) { found, end in
            found[end.key] = (lows[end.key] ?? 0, end.value, committed[end.key].flatMap { $0 >= 0 ? $0 : nil })
        }
    }

    private typealias PartitionList = UnsafeMutablePointer<rd_kafka_topic_partition_list_t>

    /// What the brokers answer to a question about all partitions.
    private func offsets(
        _ partitions: Int32, within milliseconds: Int32,
        _ question: (OpaquePointer?, PartitionList?, Int32) -> rd_kafka_resp_err_t
    ) throws(StorageError) -> [Int32: Int64] {
        var error = RD_KAFKA_RESP_ERR__DESTROY
        var found: [Int32: Int64] = [:]
        instance?.withPointer { instance in
            _ = withPartitions((0..<partitions).map { ($0, nil) }) { list in
                error = question(instance, list, milliseconds)
                for place in 0..<Int(list.pointee.cnt) where error == RD_KAFKA_RESP_ERR_NO_ERROR {
                    let element = list.pointee.elems[place]
                    error = element.err
                    found[element.partition] = element.offset
                }
            }
        }
        guard error == RD_KAFKA_RESP_ERR_NO_ERROR else { throw .kafka(error, "kafka.lag") }
        return found
    }

    /// Asks for the oldest or the newest end of partitions: to the protocol they are times. `rd_kafka_query_watermark_offsets` would ask
    /// partition by partition, and wait for `socket.timeout.ms` whatever time it is given.
    private static func ask(
        _ end: Int32, _ instance: OpaquePointer?, _ list: PartitionList?, _ milliseconds: Int32
    ) -> rd_kafka_resp_err_t {
        guard let list else { return RD_KAFKA_RESP_ERR__INVALID_ARG }
        let partitions = UnsafeMutableBufferPointer(start: list.pointee.elems, count: Int(list.pointee.cnt))
        for place in partitions.indices { partitions[place].offset = Int64(end) }
        let error = rd_kafka_offsets_for_times(instance, list, milliseconds)
        guard error == RD_KAFKA_RESP_ERR_NO_ERROR else { return error }
        // A partition that the brokers left out still has what was asked for.
        return partitions.allSatisfy { $0.offset >= 0 || $0.err != error } ? error : RD_KAFKA_RESP_ERR__BAD_MSG
    }

    private func partitionCount(within milliseconds: Int32) throws(StorageError) -> Int32 {
        var count: Int32 = 0
        let error = instance?.withPointer { instance -> rd_kafka_resp_err_t in
            guard let raw = rd_kafka_topic_new(instance, topic, nil) else { return RD_KAFKA_RESP_ERR__INVALID_ARG }
            let topic = CHandle<KafkaTopicObject>(raw)
            return topic.withPointer { topic in
                var metadata: UnsafePointer<rd_kafka_metadata>?
                let error = rd_kafka_metadata(instance, 0, topic, &metadata, milliseconds)
                guard error == RD_KAFKA_RESP_ERR_NO_ERROR, let metadata else { return error }
                if metadata.pointee.topic_cnt > 0 { count = metadata.pointee.topics[0].partition_cnt }
                rd_kafka_metadata_destroy(metadata)
                return error
            }
        }
        guard error == RD_KAFKA_RESP_ERR_NO_ERROR else {
            throw .kafka(error ?? RD_KAFKA_RESP_ERR__DESTROY, "kafka.lag")
        }
        guard count > 0 else {
            throw StorageError(.notFound, operation: "kafka.lag", reason: "the brokers do not know the topic")
        }
        return count
    }

    /// Lends a list of partitions of the topic with their offsets.
    private func withPartitions<Result>(
        _ partitions: [(partition: Int32, offset: Int64?)],
        _ body: (UnsafeMutablePointer<rd_kafka_topic_partition_list_t>) -> Result
    ) -> Result? {
        guard let list = rd_kafka_topic_partition_list_new(Int32(partitions.count)) else { return nil }
        defer { rd_kafka_topic_partition_list_destroy(list) }
        for (partition, offset) in partitions {
            let element = rd_kafka_topic_partition_list_add(list, topic, partition)
            if let offset { element?.pointee.offset = offset }
        }
        return body(list)
    }
}
