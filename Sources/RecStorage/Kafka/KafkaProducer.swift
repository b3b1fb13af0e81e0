// A producer that callers share: sends in order, waits for reports, starts again after a fatal error.
import Logging
import RecCore

/// Sends records and tells when all of them are acknowledged.
///
/// The records of all callers stand in one line. What librdkafka's bounded queue has no room for waits in it, and so
/// does its caller: a log that is slow slows down whoever writes. An idempotent producer that fails fatally is
/// replaced, and what was not acknowledged is sent again, which may put an event into the log twice.
actor KafkaProducer {
    /// Records as they are handed in.
    private final class Chunk {
        let number: Int
        let delivery: Int
        let records: KafkaRecords
        /// Acknowledged or refused.
        var isDone: [Bool]
        var left: Int
        /// Messages before this one were handed to librdkafka.
        var sent = 0

        init(number: Int, delivery: Int, records: KafkaRecords) {
            (self.number, self.delivery, self.records) = (number, delivery, records)
            isDone = [Bool](repeating: false, count: records.places.count)
            left = records.places.count
        }
    }

    /// What one caller waits for.
    private struct Delivery {
        var chunks = 0
        var error: StorageError?
        let deadline: ContinuousClock.Instant
        var wake: CheckedContinuation<StorageError?, Never>?
    }

    private static let slice = 2000

    private let executor: BlockingExecutor
    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }
    private let settings: KafkaClientSettings
    private let topic: String
    private let logger: Logger
    private let clock = ContinuousClock()

    private var client: KafkaProducerClient?
    private var isClosed = false
    private var isPumping = false
    /// Chunks that are not all handed to librdkafka, in order.
    private var line: [Chunk] = []
    /// Chunks with messages that are not reported, by number.
    private var open: [Int: Chunk] = [:]
    private var deliveries: [Int: Delivery] = [:]
    private var nextNumber = 1

    /// Producers that failed fatally so far.
    private(set) var failures = 0
    /// How often librdkafka's queue was full.
    private(set) var fullQueues = 0

    init(_ settings: KafkaClientSettings, topic: String, logger: Logger) {
        (self.settings, self.topic, self.logger) = (settings, topic, logger)
        executor = BlockingExecutor("kafka producer")
    }

    /// Messages in librdkafka's hands.
    var outstanding: Int { client?.outstanding ?? 0 }

    /// Opens a delivery, for ``add(_:to:)`` and then ``finish(_:)``.
    private func begin(_ deadline: Duration) -> Int {
        nextNumber += 1
        deliveries[nextNumber] = Delivery(deadline: clock.now + deadline)
        return nextNumber
    }

    /// Puts records at the end of the line.
    /// - Parameter delivery: `nil` = a new one.
    /// - Returns: the delivery, for ``finish(_:)``, which must follow.
    func add(_ records: KafkaRecords, to delivery: Int?, deadline: Duration) -> Int {
        let delivery = delivery ?? begin(deadline)
        // The deadline of a delivery may have passed while its caller made more records.
        guard !records.places.isEmpty, deliveries[delivery] != nil else { return delivery }
        nextNumber += 1
        let chunk = Chunk(number: nextNumber, delivery: delivery, records: records)
        line.append(chunk)
        open[chunk.number] = chunk
        deliveries[delivery]?.chunks += 1
        if !isPumping {
            isPumping = true
            Task { await pump() }
        }
        return delivery
    }

    /// Waits until every record of a delivery is acknowledged.
    func finish(_ delivery: Int) async throws(StorageError) {
        guard let held = deliveries[delivery] else { return }
        let error: StorageError? =
            if held.chunks == 0 {
                held.error
            } else {
                await withCheckedContinuation { deliveries[delivery]?.wake = $0 }
            }
        deliveries[delivery] = nil
        if let error { throw error }
    }

    /// Gives up what is not acknowledged and destroys the producer.
    func close() {
        isClosed = true
        let error = StorageError(.unavailable, operation: "log.append", reason: "the log was closed")
        for delivery in deliveries.keys { end(delivery, with: error) }
        client?.end(within: .seconds(2))
        client = nil
    }

    /// For tests: the producer in use fails fatally if messages are under way. - Returns: whether they were.
    func failFatallyUnderWay() -> Bool {
        guard outstanding > 0 else { return false }
        client?.failFatally()
        return true
    }

    // MARK: - The pump

    /// Works while anything is not acknowledged.
    private func pump() async {
        while !open.isEmpty {
            do {
                let isMoving = try send()
                serve(milliseconds: isMoving ? 0 : 1)
                if client?.fatal != nil { try replaceClient() }
                expire()
            } catch {
                for delivery in deliveries.keys { end(delivery, with: error) }
            }
            // Other calls of this actor get their turn.
            await executor.giveWay()
        }
        isPumping = false
    }

    /// Hands the next records to librdkafka. False = none, or it has no room.
    private func send() throws(StorageError) -> Bool {
        guard !isClosed else {
            throw StorageError(.unavailable, operation: "log.append", reason: "the log was closed")
        }
        if client == nil { client = try KafkaProducerClient(settings, topic: topic) }
        guard let client, let chunk = line.first else { return false }
        let progress = client.produce(
            chunk.records, from: chunk.sent, atMost: Self.slice, number: chunk.number, skipping: chunk.isDone)
        let isMoving = progress.end > chunk.sent
        chunk.sent = progress.end
        for (index, error) in progress.refused { settle(chunk, index, error) }
        if progress.isFull { fullQueues += 1 }
        if chunk.sent == chunk.records.places.count, line.first === chunk { line.removeFirst() }
        return isMoving && !progress.isFull
    }

    /// Takes the reports that are there, waiting for the first.
    private func serve(milliseconds: Int32) {
        guard let client else { return }
        var wait = milliseconds
        var last: Chunk?
        var rounds = 0
        while rounds < 64, let reports = client.serve(wait) {
            for report in reports {
                if last?.number != report.number { last = open[report.number] }
                guard let chunk = last, report.index < chunk.isDone.count else { continue }
                switch report.outcome {
                case .delivered: settle(chunk, report.index, nil)
                case .failed(let error): settle(chunk, report.index, error)
                // Sent again by the next producer.
                case .abandoned: break
                }
            }
            wait = 0
            rounds += 1
        }
    }

    private func settle(_ chunk: Chunk, _ index: Int, _ error: StorageError?) {
        guard !chunk.isDone[index] else { return }
        chunk.isDone[index] = true
        chunk.left -= 1
        if let error, deliveries[chunk.delivery]?.error == nil { deliveries[chunk.delivery]?.error = error }
        guard chunk.left == 0, open.removeValue(forKey: chunk.number) != nil else { return }
        deliveries[chunk.delivery]?.chunks -= 1
        guard let delivery = deliveries[chunk.delivery], delivery.chunks == 0, let wake = delivery.wake else { return }
        deliveries[chunk.delivery]?.wake = nil
        wake.resume(returning: delivery.error)
    }

    /// Ends deliveries whose time is over. Their messages may still reach the log.
    private func expire() {
        let now = clock.now
        for (number, delivery) in deliveries where delivery.deadline <= now && delivery.chunks > 0 {
            end(
                number,
                with: StorageError(
                    .timeout, operation: "log.append",
                    reason: "not all of the events were acknowledged in time; they may still reach the log"))
        }
    }

    private func end(_ number: Int, with error: StorageError) {
        guard let delivery = deliveries[number] else { return }
        line.removeAll { $0.delivery == number }
        open = open.filter { $0.value.delivery != number }
        deliveries[number]?.chunks = 0
        deliveries[number]?.error = error
        deliveries[number]?.wake = nil
        delivery.wake?.resume(returning: error)
    }

    /// Puts a new producer in the place of one that failed, and everything that is not acknowledged back into the line.
    private func replaceClient() throws(StorageError) {
        failures += 1
        if let refusal = client?.refusal {
            client?.end(within: .zero)
            client = nil
            throw refusal
        }
        logger.info("a kafka producer failed and is replaced", metadata: ["failures": "\(failures)"])
        client?.purge()
        let deadline = clock.now + .seconds(5)
        while let client, client.outstanding > 0, clock.now < deadline {
            serve(milliseconds: 10)
            expire()
        }
        client?.end(within: .zero)
        client = nil
        client = try KafkaProducerClient(settings, topic: topic)
        line = open.values.sorted { $0.number < $1.number }
        for chunk in line { chunk.sent = 0 }
    }
}
