// The calls of a producer into librdkafka.
import CKafka
import RecCore

/// One producer of one topic. Not for more than one thread at a time; ``KafkaProducer`` gives it one of its own.
final class KafkaProducerClient {
    /// What became of one message.
    enum Outcome {
        case delivered
        /// Not sent, or not known: the producer is of no use any more, and another one may send it again.
        case abandoned
        case failed(StorageError)
    }

    /// What librdkafka reports of one message.
    struct Report {
        let number: Int
        let index: Int
        fileprivate let code: rd_kafka_resp_err_t

        var outcome: Outcome {
            if code == RD_KAFKA_RESP_ERR_NO_ERROR { return .delivered }
            return isAbandoned ? .abandoned : .failed(.kafka(code, "log.append"))
        }

        fileprivate var isAbandoned: Bool {
            switch code {
            case RD_KAFKA_RESP_ERR__PURGE_QUEUE, RD_KAFKA_RESP_ERR__PURGE_INFLIGHT, RD_KAFKA_RESP_ERR__FATAL,
                RD_KAFKA_RESP_ERR__DESTROY, RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER:
                true
            default: false
            }
        }
    }

    /// What a call of ``produce(_:from:atMost:number:skipping:)`` came to.
    struct Progress {
        /// Messages behind this one are still to be sent.
        var end: Int
        var isFull = false
        /// Messages that were refused.
        var refused: [(index: Int, error: StorageError)] = []
    }

    // Destroyed in this order, by the deinitialiser.
    private var queue: CHandle<KafkaQueueObject>?
    private var topic: CHandle<KafkaTopicObject>?
    private var instance: CHandle<KafkaObject>?
    /// Why the producer is of no use any more; `nil` = it is.
    private(set) var fatal: String?
    /// What librdkafka tells of it, where it does.
    private var cause = RD_KAFKA_RESP_ERR_NO_ERROR

    /// Why no other producer would fare better; `nil` = one may.
    var refusal: StorageError? {
        guard cause == RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED || cause == RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE
        else { return nil }
        return StorageError(
            .rejected, operation: "log.append",
            reason:
                "the brokers refuse an idempotent producer: it needs the right IdempotentWrite and brokers of 0.11 or later"
        )
    }

    /// Numbers of messages in an opaque: the lower bits.
    private static let indexBits = 20
    /// `RD_KAFKA_PARTITION_UA`: the partitioner chooses.
    private static let unassigned: Int32 = -1

    init(_ settings: KafkaClientSettings, topic name: String) throws(StorageError) {
        let made = try settings.makeInstance()
        let handles = made.withPointer { (rd_kafka_queue_get_main($0), rd_kafka_topic_new($0, name, nil)) }
        queue = handles.0.map { CHandle($0) }
        topic = handles.1.map { CHandle($0) }
        instance = consume made
        guard handles.0 != nil, handles.1 != nil else {
            throw StorageError(.rejected, operation: "kafka.open", reason: "librdkafka refuses the topic")
        }
    }

    deinit {
        queue = nil
        topic = nil
        instance = nil
    }

    /// Messages that are not reported yet.
    var outstanding: Int { instance?.withPointer { Int(rd_kafka_outq_len($0)) } ?? 0 }

    /// Hands messages to librdkafka, which copies them, until its queue is full.
    /// - Parameters:
    ///   - number: of the records; it comes back with their outcomes.
    ///   - isDone: messages that are not to be sent (again).
    func produce(
        _ records: KafkaRecords, from start: Int, atMost count: Int, number: Int, skipping isDone: [Bool]
    ) -> Progress {
        let end = min(records.places.count, start + count)
        guard records.headers.isEmpty else { return produceOne(records, start, number, isDone) }
        let indices = (start..<end).filter { !isDone[$0] }
        var progress = Progress(end: end)
        guard !indices.isEmpty else { return progress }
        var messages = [rd_kafka_message_t](repeating: rd_kafka_message_t(), count: indices.count)
        let accepted = records.bytes.withUnsafeBytes { bytes -> Int in
            guard let base = bytes.baseAddress else { return 0 }
            for (slot, index) in indices.enumerated() {
                let place = records.places[index]
                // librdkafka copies and does not write; its parameters only lack the `const`.
                messages[slot].payload = UnsafeMutableRawPointer(mutating: base + place.value)
                messages[slot].len = place.end - place.value
                messages[slot].key = UnsafeMutableRawPointer(mutating: base + place.start)
                messages[slot].key_len = place.value - place.start
                messages[slot]._private = Self.opaque(number, index)
            }
            return topic?.withPointer {
                Int(rd_kafka_produce_batch($0, Self.unassigned, RD_KAFKA_MSG_F_COPY, &messages, Int32(indices.count)))
            } ?? 0
        }
        guard accepted < indices.count else { return progress }
        for (slot, index) in indices.enumerated() where messages[slot].err != RD_KAFKA_RESP_ERR_NO_ERROR {
            // A full queue and a fatal error hold for everything behind them.
            if note(messages[slot].err, index, &progress) { break }
        }
        return progress
    }

    /// Whether nothing behind this message was taken either.
    private func note(_ error: rd_kafka_resp_err_t, _ index: Int, _ progress: inout Progress) -> Bool {
        switch error {
        case RD_KAFKA_RESP_ERR__QUEUE_FULL: progress.isFull = true
        case RD_KAFKA_RESP_ERR__FATAL: fatal = fatal ?? "the producer failed"
        default:
            progress.refused.append((index, .kafka(error, "log.append")))
            return false
        }
        progress.end = index
        return true
    }

    /// Messages with headers go one by one.
    private func produceOne(_ records: KafkaRecords, _ index: Int, _ number: Int, _ isDone: [Bool]) -> Progress {
        var progress = Progress(end: min(records.places.count, index + 1))
        guard index < records.places.count, !isDone[index] else { return progress }
        let place = records.places[index]
        guard let headers = rd_kafka_headers_new(records.headers[index].count) else {
            progress.refused.append((index, StorageError(.full, operation: "log.append", reason: "no headers")))
            return progress
        }
        for (name, value) in records.headers[index] {
            let bytes = Array(value.utf8)
            _ = rd_kafka_header_add(headers, name, -1, bytes, bytes.count)
        }
        let error = records.bytes.withUnsafeBytes { bytes -> rd_kafka_resp_err_t in
            func part(_ type: rd_kafka_vtype_t, _ set: (inout rd_kafka_vu_t) -> Void) -> rd_kafka_vu_t {
                var part = rd_kafka_vu_t()
                part.vtype = type
                set(&part)
                return part
            }
            func memory(_ from: Int, _ to: Int) -> (UnsafeMutableRawPointer?, Int) {
                (bytes.baseAddress.map { UnsafeMutableRawPointer(mutating: $0 + from) }, to - from)
            }
            return topic?.withPointer { topic in
                let parts = [
                    part(RD_KAFKA_VTYPE_RKT) { $0.u.rkt = topic },
                    part(RD_KAFKA_VTYPE_PARTITION) { $0.u.i32 = Self.unassigned },
                    part(RD_KAFKA_VTYPE_MSGFLAGS) { $0.u.i = RD_KAFKA_MSG_F_COPY },
                    part(RD_KAFKA_VTYPE_KEY) { ($0.u.mem.ptr, $0.u.mem.size) = memory(place.start, place.value) },
                    part(RD_KAFKA_VTYPE_VALUE) { ($0.u.mem.ptr, $0.u.mem.size) = memory(place.value, place.end) },
                    part(RD_KAFKA_VTYPE_OPAQUE) { $0.u.ptr = Self.opaque(number, index) },
                    part(RD_KAFKA_VTYPE_HEADERS) { $0.u.headers = headers },
                ]
                return instance?.withPointer { instance -> rd_kafka_resp_err_t in
                    guard let failure = rd_kafka_produceva(instance, parts, parts.count) else {
                        return RD_KAFKA_RESP_ERR_NO_ERROR
                    }
                    let code = rd_kafka_error_code(failure)
                    rd_kafka_error_destroy(failure)
                    return code
                } ?? RD_KAFKA_RESP_ERR__DESTROY
            } ?? RD_KAFKA_RESP_ERR__DESTROY
        }
        if error != RD_KAFKA_RESP_ERR_NO_ERROR {
            // Only a message that was taken owns its headers.
            rd_kafka_headers_destroy(headers)
            _ = note(error, index, &progress)
        }
        return progress
    }

    /// Waits for one event of librdkafka; gives back the reports it brings. `nil` = none came in time.
    func serve(_ milliseconds: Int32) -> [Report]? {
        guard let raw = queue?.withPointer({ rd_kafka_queue_poll($0, milliseconds) }) ?? nil else { return nil }
        let event = CHandle<KafkaEventObject>(raw)
        return event.withPointer { event in
            var reports: [Report] = []
            switch rd_kafka_event_type(event) {
            case RD_KAFKA_EVENT_DR:
                reports.reserveCapacity(rd_kafka_event_message_count(event))
                while let message = rd_kafka_event_message_next(event) {
                    let opaque = Int(bitPattern: message.pointee._private)
                    reports.append(
                        Report(
                            number: opaque >> Self.indexBits, index: opaque & (1 << Self.indexBits - 1),
                            code: message.pointee.err))
                }
            case RD_KAFKA_EVENT_ERROR:
                // Its code is that of the cause, and none of its own.
                if rd_kafka_event_error_is_fatal(event) != 0 {
                    fatal = fatal ?? "the producer failed"
                    cause = rd_kafka_event_error(event)
                }
            default: break
            }
            // Whoever waits for them would wait until the deadline.
            if reports.contains(where: \.isAbandoned) { fatal = fatal ?? "the producer abandoned messages" }
            return reports
        }
    }

    private static func opaque(_ number: Int, _ index: Int) -> UnsafeMutableRawPointer? {
        UnsafeMutableRawPointer(bitPattern: number << indexBits | index)
    }

    /// Gives up everything that is not delivered; the outcomes come with ``serve(_:)``. It does not wait for the threads of brokers, which
    /// may be looking up a name.
    func purge() {
        let all = RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT | RD_KAFKA_PURGE_F_NON_BLOCKING
        instance?.withPointer { _ = rd_kafka_purge($0, all) }
    }

    /// Ends the connections. What is not delivered is given up.
    /// - Parameter limit: how long to wait for that; it goes on by itself.
    func end(within limit: Duration) {
        queue = nil
        topic = nil
        instance.take()?.destroy(within: limit)
    }

    /// For tests: what an idempotent producer does that lost its place.
    func failFatally() {
        instance?.withPointer {
            _ = rd_kafka_test_fatal_error($0, RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER, "a planned fault")
        }
    }
}
