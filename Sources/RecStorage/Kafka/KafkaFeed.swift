// The consumer's side of the event log.
import Logging
import RecCore

/// `InteractionFeed` of one member of a consumer group.
///
/// Offsets are committed by ``acknowledge(_:)``, after the effect. A member that dies, or loses its partitions, has its
/// unacknowledged batches done again by whoever reads the partitions next. What is not an event goes to the dead-letter
/// topic with the reason, the topic, the partition and the offset in its headers, and is acknowledged there before
/// anything behind it is given out.
public actor KafkaFeed: InteractionFeed {
    /// A batch that is put together, until its dead letters are written.
    private struct Collected {
        var events: [Interaction] = []
        var dead = KafkaRecords()
        /// Each of these was taken.
        var places: [(partition: Int32, offset: Int64)] = []
    }

    private let executor: BlockingExecutor
    public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }
    private let configuration: KafkaConfiguration
    private let refusal: (@Sendable (Interaction) -> String?)?
    private let logger: Logger
    private let clock = ContinuousClock()
    private let deadLetters: KafkaProducer

    private var client: KafkaConsumerClient?
    private var isClosed = false
    private var positions = KafkaPositions()
    /// What came while a batch was in hand, and is told once: librdkafka does not tell it again.
    private var failure: StorageError?
    /// Messages that came while a batch was in hand.
    private var stash: [KafkaMessage] = []
    private var stashedBytes = 0
    private var collected = Collected()
    private var keepingAlive: Task<Void, Never>?
    /// Whether a batch is being put together: one at a time.
    private var isReading = false
    /// Grows with every change of the assignment.
    private var generation = 0

    /// Messages that went to the dead-letter topic.
    public private(set) var deadLetterCount = 0
    /// Partitions that this member reads now, in no order.
    public private(set) var assignment: [Int32] = []
    /// Acknowledgements that came after the partitions were given to another member; their events are done again.
    public private(set) var lostAcknowledgements = 0

    /// - Parameters:
    ///   - configuration: brokers and topics.
    ///   - group: `nil` = the configuration's.
    ///   - keepsMembership: whether the member stays in its group however long a batch takes, while no more than
    ///     10,000 messages come and Swift's pool has a thread for it now and then. Without, a batch that takes longer
    ///     than `max.poll.interval.ms` loses its partitions.
    ///   - logger: told at `info` what cannot be thrown.
    ///   - refusal: why an event is not to be processed although it can be read (an event of the future, say); `nil`
    ///     = it is.
    public init(
        _ configuration: KafkaConfiguration, group: String? = nil, keepsMembership: Bool = true,
        logger: Logger = Logger(label: "kafka"), refusal: (@Sendable (Interaction) -> String?)? = nil
    ) throws(StorageError) {
        (self.configuration, self.refusal, self.logger) = (configuration, refusal, logger)
        self.keepsMembership = keepsMembership
        executor = BlockingExecutor("kafka consumer")
        deadLetters = KafkaProducer(.producer(configuration), topic: configuration.deadLetterTopic, logger: logger)
        client = try KafkaConsumerClient(
            .consumer(configuration, group: group ?? configuration.group), topic: configuration.topic, subscribes: true)
    }

    private let keepsMembership: Bool

    deinit { keepingAlive?.cancel() }

    /// Leaves the group and ends the connections, in nine seconds at most. What was not acknowledged comes to another member at
    /// once, or when the session is over if the brokers do not answer.
    public func close() async {
        isClosed = true
        keepingAlive?.cancel()
        client?.leave(within: .seconds(5))
        client = nil
        revoke()
        await deadLetters.close()
    }

    /// Ends without a word, as a process does that is killed: the group notices when the session is over.
    func abandon() {
        isClosed = true
        keepingAlive?.cancel()
        client = nil
    }

    // MARK: - Reading

    /// Messages of a batch, at most.
    static let largestBatch = 1 << 19

    public func nextBatch(atMost count: Int, within: Duration) async throws(StorageError) -> InteractionBatch? {
        let deadline = clock.now + within
        // As many dead letters may come of it, and a call of the producer tells them apart by twenty bits.
        let count = min(max(1, count), Self.largestBatch)
        while isReading {
            do { try await Task.sleep(for: .milliseconds(5)) } catch { return nil }
        }
        isReading = true
        defer { isReading = false }
        while true {
            try collect(upTo: count, within: min(.milliseconds(50), clock.now.duration(to: deadline)))
            if let batch = try await finishBatch() { return batch }
            guard clock.now < deadline, !Task.isCancelled else { return nil }
            // Other calls of this actor get their turn.
            await executor.giveWay()
        }
    }

    /// Takes messages until there are enough or no more come, waiting for the first.
    private func collect(upTo count: Int, within: Duration) throws(StorageError) {
        guard let client else {
            throw StorageError(.unavailable, operation: "feed.next", reason: "the feed was closed")
        }
        if let failure {
            self.failure = nil
            throw failure
        }
        if !stash.isEmpty, collected.places.count < count {
            let taken = Array(stash.prefix(count - collected.places.count))
            stash.removeFirst(taken.count)
            stashedBytes = stash.reduce(0) { $0 + $1.value.count }
            for message in taken { take(message) }
        }
        var wait = collected.places.isEmpty ? within.wholeMilliseconds : 0
        while collected.places.count < count, let event = client.next(wait) {
            if let message = try handle(event) {
                take(message)
                wait = 0
            }
        }
    }

    /// Takes note of an event; gives back the message that it is.
    private func handle(_ event: KafkaConsumerClient.Event) throws(StorageError) -> KafkaMessage? {
        switch event {
        case .message(let message): return message
        case .assigned(let partitions):
            revoke()
            assignment = partitions
            logger.debug("kafka partitions assigned", metadata: ["count": "\(partitions.count)"])
        case .revoked: revoke()
        case .failed(let error):
            // What the client mends by itself: lost connections, topics that are not there yet.
            guard error.code == .conflict || error.code == .rejected else {
                logger.debug("kafka consumer", metadata: ["error": "\(error)"])
                break
            }
            throw error
        case .other: break
        }
        return nil
    }

    /// Partitions went to another member: everything of theirs that is not acknowledged is theirs to do.
    private func revoke() {
        generation += 1
        positions.revoke()
        (assignment, stash, stashedBytes) = ([], [], 0)
        collected = Collected()
    }

    private func take(_ message: KafkaMessage) {
        collected.places.append((message.partition, message.offset))
        do {
            let event = try KafkaEventWire.decode(message.value)
            if let reason = refusal?(event) { throw KafkaEventWire.Refusal(reason) }
            collected.events.append(event)
        } catch {
            collected.dead.add(message, of: configuration.topic, reason: "\(error)")
        }
    }

    /// Writes the dead letters of what was collected, and gives out the rest.
    private func finishBatch() async throws(StorageError) -> InteractionBatch? {
        guard !collected.places.isEmpty else { return nil }
        let (hand, before) = (collected, generation)
        if !hand.dead.places.isEmpty {
            let delivery = await deadLetters.add(hand.dead, to: nil, deadline: .seconds(30))
            try await deadLetters.finish(delivery)
            deadLetterCount += hand.dead.places.count
            logger.info("kafka messages went to the dead letters", metadata: ["count": "\(hand.dead.places.count)"])
        }
        // The assignment may have changed meanwhile: then all this comes to someone again.
        guard before == generation else { return nil }
        collected = Collected()
        for place in hand.places { positions.take(partition: place.partition, offset: place.offset) }
        guard !hand.events.isEmpty else {
            if !positions.isWaiting { try commit(positions.offsetsOfAll, through: nil) }
            return nil
        }
        let batch = InteractionBatch(interactions: hand.events, nextOffset: positions.batch())
        keepAlive()
        return batch
    }

    // MARK: - Acknowledging

    public func acknowledge(_ batch: InteractionBatch) async throws(StorageError) {
        let offsets = positions.offsets(of: batch.nextOffset)
        try commit(offsets, through: batch.nextOffset)
        if !positions.isWaiting {
            keepingAlive?.cancel()
            keepingAlive = nil
        }
    }

    private func commit(_ offsets: [Int32: Int64], through batch: Int64?) throws(StorageError) {
        guard let client else {
            throw StorageError(.unavailable, operation: "feed.acknowledge", reason: "the feed was closed")
        }
        if !offsets.isEmpty {
            do {
                try client.commit(offsets, within: 5000)
            } catch {
                guard error.code == .conflict else { throw error }
                // Whoever has the partitions now does the batch again, and that changes nothing. What this member still
                // holds of them goes when the client tells that they are revoked.
                lostAcknowledgements += 1
                logger.info("kafka partitions went to another consumer before they were acknowledged")
                return
            }
        }
        positions.commit(offsets, through: batch)
    }

    // MARK: - Membership

    /// Looks into the queue once a second while a batch is in hand, so that the group knows that this member lives and
    /// its rebalances go on.
    private func keepAlive() {
        guard keepsMembership, keepingAlive == nil else { return }
        keepingAlive = Task { [weak self] in
            while !Task.isCancelled {
                do { try await Task.sleep(for: .seconds(1)) } catch { return }
                guard let self, await self.glance() else { return }
            }
        }
    }

    /// False = there is no more room for messages.
    private func glance() -> Bool {
        guard let client, !isClosed, stash.count < 10_000, stashedBytes < 16 << 20 else { return false }
        guard let event = client.next(0) else { return true }
        do {
            if let message = try handle(event) {
                stash.append(message)
                stashedBytes += message.value.count
            }
        } catch {
            failure = error
        }
        return true
    }
}

extension KafkaRecords {
    /// Largest payload that is kept whole; with its headers it must fit into a message.
    static let largestDeadLetter = 900_000

    /// Adds a message that cannot be read, as it was received.
    fileprivate mutating func add(_ message: KafkaMessage, of topic: String, reason: String) {
        var headers = [
            (name: "reason", value: reason), (name: "topic", value: topic),
            (name: "partition", value: "\(message.partition)"), (name: "offset", value: "\(message.offset)"),
        ]
        if message.value.count > Self.largestDeadLetter {
            headers.append((name: "size", value: "\(message.value.count)"))
        }
        add(key: message.key, value: Array(message.value.prefix(Self.largestDeadLetter)), headers: headers)
    }
}
