// What the event log promises when processes die, brokers vanish and messages are poison.
import Foundation
import RecCore
import RecTesting
import Synchronization
import Testing

@testable import RecStorage

/// Fast repetition: the faults of these tests are short.
private let options = StreamPipeline.Options(
    batchSize: 50, patience: .milliseconds(500),
    backoff: RetryBackoff(initial: .milliseconds(5), maximum: .milliseconds(50)))

/// Runs a stream processor until the group has acknowledged everything.
private func process(
    _ feed: KafkaFeed, into sessions: any SessionStore, of configuration: KafkaConfiguration,
    options: StreamPipeline.Options = options
) async throws -> StreamReport {
    let run = Task {
        try await StreamPipeline(feed: feed, sessions: sessions, options: options).run(clock: ContinuousClock())
    }
    let monitor = KafkaLagMonitor(configuration)
    defer { run.cancel() }
    try await eventually("the group acknowledged everything", within: .seconds(50)) {
        let lag = try? await monitor.lag()
        return lag?.total == 0
    }
    run.cancel()
    let report = try await run.value
    await feed.close()
    return report
}

/// A processor's feed that dies at a given step, without a word to the group.
private actor MortalFeed: InteractionFeed {
    enum Death: CaseIterable { case afterReading, afterEffect, afterCommit }
    static let error = StorageError(.rejected, operation: "feed", reason: "the process was killed")

    let feed: KafkaFeed
    private let death: Death
    private var steps: Int
    init(_ feed: KafkaFeed, _ death: Death, after steps: Int) {
        (self.feed, self.death, self.steps) = (feed, death, steps)
    }

    private func die() async -> StorageError {
        await feed.abandon()
        return Self.error
    }

    func nextBatch(atMost count: Int, within: Duration) async throws(StorageError) -> InteractionBatch? {
        let batch = try await feed.nextBatch(atMost: count, within: within)
        guard batch != nil else { return nil }
        steps -= 1
        if steps <= 0, death == .afterReading { throw await die() }
        return batch
    }

    func acknowledge(_ batch: InteractionBatch) async throws(StorageError) {
        if steps <= 0, death == .afterEffect { throw await die() }
        try await feed.acknowledge(batch)
        if steps <= 0 { throw await die() }
    }
}

@Suite(.enabled(if: KafkaCluster.canFail), .timeLimit(.minutes(2))) struct KafkaFaultTests {
    /// - Parameter half: of the eight deaths.
    @Test("F1 a processor that is killed four times, and another one, leave every window exact", arguments: [0, 1])
    func kills(half: Int) async throws {
        let cluster = try KafkaCluster()
        defer { cluster.stop() }
        let configuration = try cluster.configuration()
        let log = KafkaLog(configuration)
        var generator = KafkaSeed(29 + UInt64(half))
        let events = try KafkaEvents.make(4000, users: 300)
        try await log.append(events)
        // Some are sent twice.
        try await log.append(Array(events.shuffled(using: &generator).prefix(200)))
        let sessions = InMemorySessionStore()

        for life in half * 4..<half * 4 + 4 {
            let death = MortalFeed.Death.allCases[life % 3]
            let feed = MortalFeed(
                try KafkaFeed(configuration), death, after: Int.random(in: 1...6, using: &generator))
            let error = await #expect(throws: StorageError.self) {
                try await StreamPipeline(feed: feed, sessions: sessions, options: options).run(clock: ContinuousClock())
                {
                    report in
                    #expect(report.batches < 6)
                }
            }
            #expect(error?.reason == MortalFeed.error.reason)
        }
        #expect(try await KafkaEvents.wrongWindows(sessions, events) > 0)
        let rest = try await process(try KafkaFeed(configuration), into: sessions, of: configuration)

        // What was acknowledged is not done again.
        #expect(rest.events < 4200)
        #expect(try await KafkaEvents.wrongWindows(sessions, events) == 0)
        await log.close()
    }

    @Test("F2 a member that slept through its session changes nothing when it wakes")
    func zombie() async throws {
        let cluster = try KafkaCluster()
        defer { cluster.stop() }
        let sleepy = try cluster.configuration(["max.poll.interval.ms": "4000"])
        let log = KafkaLog(sleepy)
        let events = try KafkaEvents.make(600)
        try await log.append(events)
        let sessions = InMemorySessionStore()
        let zombie = try KafkaFeed(sleepy, keepsMembership: false)
        var held: InteractionBatch?
        try await eventually("the member reads") {
            held = try await zombie.nextBatch(atMost: 100, within: .seconds(1))
            return held != nil
        }
        let batch = try #require(held)

        // It does nothing now; the group forgets it, and another member does everything.
        let other = try await process(try KafkaFeed(sleepy), into: sessions, of: sleepy)
        let before = try await sessions.states(of: Array(Set(events.map(\.user))))
        _ = try await sessions.record(batch.interactions)
        try await zombie.acknowledge(batch)

        #expect(other.events == 600)
        #expect(await zombie.lostAcknowledgements == 1)
        #expect(try await sessions.states(of: Array(before.keys)) == before)
        #expect(try await KafkaEvents.wrongWindows(sessions, events) == 0)
        #expect(try await KafkaLagMonitor(sleepy).lag().total == 0)
        await zombie.close()
        await log.close()
    }

    @Test("F3 a broker that goes away and answers with errors loses nothing, and what waits is bounded")
    func brokerDown() async throws {
        let cluster = try KafkaCluster()
        defer { cluster.stop() }
        let configuration = try cluster.configuration(
            KafkaCluster.patient.merging(["queue.buffering.max.kbytes": "512"]) { $1 })
        let log = KafkaLog(configuration, deadline: .seconds(60))
        let events = try KafkaEvents.make(6000, padding: 200)
        try await log.append(Array(events.prefix(100)))

        try cluster.tell("down 1")
        async let appended: Void = log.append(events)
        try await eventually("the producer's queue is full") { await log.producer.fullQueues > 0 }
        let waiting = await log.producer.outstanding
        // REQUEST_TIMED_OUT to Produce.
        try cluster.tell("error 0 7 3")
        try cluster.tell("up 1")
        try await appended
        // To OffsetCommit: COORDINATOR_NOT_AVAILABLE, which the client mends, and REBALANCE_IN_PROGRESS, which it tells.
        try cluster.tell("error 8 15 3")
        try cluster.tell("error 8 27 2")
        let sessions = InMemorySessionStore()
        let feed = try KafkaFeed(configuration)
        let report = try await process(feed, into: sessions, of: configuration)

        // 512 KiB of messages of more than 250 bytes.
        #expect((1...2100).contains(waiting))
        #expect(report.events >= 6100)
        #expect(await feed.lostAcknowledgements == 2)
        #expect(try await KafkaEvents.wrongWindows(sessions, events) == 0)
        await log.close()
    }

    @Test("F4 lost acknowledgements put events into the log twice and into no window twice")
    func lostAcknowledgements() async throws {
        let cluster = try KafkaCluster()
        defer { cluster.stop() }
        let configuration = try cluster.configuration(KafkaCluster.patient)
        let log = KafkaLog(
            try KafkaConfiguration(
                brokers: configuration.brokers, topic: configuration.topic,
                properties: ["socket.timeout.ms": "1000", "linger.ms": "0"]))
        let events = try KafkaEvents.make(500)
        try await log.append(Array(events.prefix(10)))

        // The messages are in the log, but nobody hears of it in time.
        try cluster.tell("delay 0 2500 2")
        try await log.append(Array(events.dropFirst(10)))
        let held = try await KafkaLagMonitor(configuration).messages()
        let sessions = InMemorySessionStore()
        let report = try await process(try KafkaFeed(configuration), into: sessions, of: configuration)

        #expect(held > 500)
        #expect(report.events == Int(held))
        #expect(try await KafkaEvents.wrongWindows(sessions, events) == 0)
        await log.close()
    }

    /// - Parameter count: of events; 1,500 are handed to librdkafka at once, so that nothing is sent behind the failure that meets it.
    @Test("F5 a producer that fails fatally is replaced and loses nothing", arguments: [1500, 5000])
    func fatalProducer(count: Int) async throws {
        let cluster = try KafkaCluster()
        defer { cluster.stop() }
        let configuration = try cluster.configuration()
        let log = KafkaLog(configuration)
        let events = try KafkaEvents.make(count)
        try await log.append(Array(events.prefix(10)))

        // Answers are slow, so that it fails with messages under way.
        try cluster.tell("rtt 1 300")
        async let appended: Void = log.append(events)
        try await eventually("messages are under way") { await log.producer.failFatallyUnderWay() }
        try await eventually("the producer is replaced") { await log.producer.failures > 0 }
        try cluster.tell("rtt 1 0")
        try await appended
        try await log.append(Array(events.prefix(10)))
        let sessions = InMemorySessionStore()
        let report = try await process(try KafkaFeed(configuration), into: sessions, of: configuration)

        #expect(await log.producer.failures == 1)
        #expect(report.events >= count + 20)
        #expect(try await KafkaEvents.wrongWindows(sessions, events) == 0)
        await log.close()
    }

    @Test func aProducerThatTheBrokersRefuseIsToldAtOnce() async throws {
        let cluster = try KafkaCluster()
        defer { cluster.stop() }
        let log = KafkaLog(try cluster.configuration(), deadline: .seconds(60))
        // To InitProducerId: CLUSTER_AUTHORIZATION_FAILED.
        try cluster.tell("error 22 31 1")

        let error = await #expect(throws: StorageError.self) { try await log.append(try KafkaEvents.make(3)) }
        #expect(error?.code == .rejected)
        #expect(error?.reason.contains("IdempotentWrite") == true)

        // The right was given in the meantime.
        try await log.append(try KafkaEvents.make(3))
        #expect(await log.producer.failures == 1)
        await log.close()
    }

    @Test("F17 poison goes to the dead letters with its reason, once, and the rest is processed")
    func poison() async throws {
        let cluster = try KafkaCluster()
        defer { cluster.stop() }
        let configuration = try cluster.configuration(
            KafkaCluster.patient.merging(["message.max.bytes": "1200000"]) { $1 })
        let log = KafkaLog(configuration)
        let events = try KafkaEvents.make(2400)
        var poison = KafkaRecords()
        let bad: [[UInt8]] = [
            [], Array("not JSON".utf8), [UInt8](repeating: 0x20, count: 1 << 20),
            Array(#"{"v":1,"user":"u","item":"i","kind":"view","time":1,"weight":NaN}"#.utf8),
            Array(#"{"v":1,"user":"u","item":["i"],"kind":"view","time":1}"#.utf8),
            Array(#"{"v":1,"user":""#.utf8) + [0xFF, 0xFE] + Array(#"","item":"i","kind":"view","time":1}"#.utf8),
        ]
        for round in 0..<4 {
            for (number, payload) in bad.enumerated() {
                poison.add(
                    key: Array("\(round) \(number)".utf8), value: number == 2 && round > 0 ? [0x7B] : payload,
                    headers: [])
            }
        }
        try await log.append(Array(events.prefix(1200)))
        let sent = await log.producer.add(poison, to: nil, deadline: .seconds(30))
        try await log.producer.finish(sent)
        try await log.append(Array(events.dropFirst(1200)))
        // A store that is down for a while is no reason for a dead letter.
        let sessions = InMemorySessionStore()
        sessions.faults.fail("sessions.record", .unavailable, skipping: 2, times: 5)
        let feed = try KafkaFeed(configuration)
        let report = try await process(feed, into: sessions, of: configuration)

        let dead = try KafkaConfiguration(brokers: [cluster.address], topic: configuration.deadLetterTopic)
        #expect(report.events == 2400)
        #expect(report.retries == 5)
        #expect(await feed.deadLetterCount == 24)
        #expect(try await KafkaLagMonitor(dead).messages() == 24)
        #expect(try await KafkaEvents.wrongWindows(sessions, events) == 0)
        let letters = try await DeadLetters.read(dead, count: 24)
        #expect(letters.count == 24)
        #expect(letters.allSatisfy { Set($0.headers.keys).isSuperset(of: ["reason", "topic", "partition", "offset"]) })
        #expect(Set(letters.compactMap { $0.headers["topic"] }) == [configuration.topic])
        #expect(Set(letters.map { "\($0.headers["partition"] ?? "") \($0.headers["offset"] ?? "")" }).count == 24)
        #expect(letters.count { $0.headers["size"] == "\(1 << 20)" } == 1)
        await log.close()
    }

    @Test func aStoreThatIsAwayForLongCostsNoMembershipAndNoEvent() async throws {
        let cluster = try KafkaCluster()
        defer { cluster.stop() }
        let configuration = try cluster.configuration(["max.poll.interval.ms": "6000"])
        let log = KafkaLog(configuration)
        let events = try KafkaEvents.make(200)
        try await log.append(events)
        // 180 repetitions take 8.8 s.
        let sessions = InMemorySessionStore()
        sessions.faults.fail("sessions.record", .unavailable, skipping: 1, times: 180)
        let feed = try KafkaFeed(configuration)
        let report = try await process(feed, into: sessions, of: configuration)

        #expect(report.retries == 180)
        #expect(report.events == 200)
        #expect(await feed.lostAcknowledgements == 0)
        #expect(await feed.deadLetterCount == 0)
        #expect(try await KafkaEvents.wrongWindows(sessions, events) == 0)
        await log.close()
    }

    @Test func eventsThatTheFeedRefusesGoToTheDeadLetters() async throws {
        let cluster = try KafkaCluster()
        defer { cluster.stop() }
        let configuration = try cluster.configuration(KafkaCluster.patient)
        let log = KafkaLog(configuration)
        let events = try KafkaEvents.make(50)
        try await log.append(events)
        let limit = Timestamp(milliseconds: 1000)
        let sessions = InMemorySessionStore()
        let feed = try KafkaFeed(configuration) { $0.timestamp > limit ? "lies in the future" : nil }
        let report = try await process(feed, into: sessions, of: configuration)

        let past = events.filter { $0.timestamp <= limit }
        #expect(report.events == past.count)
        #expect(await feed.deadLetterCount == 50 - past.count)
        #expect(try await KafkaEvents.wrongWindows(sessions, past) == 0)
        await log.close()
    }
}

/// Reads a dead-letter topic from its start.
private enum DeadLetters {
    /// On a thread of its own: it waits in librdkafka.
    static func read(_ configuration: KafkaConfiguration, count: Int) async throws -> [KafkaMessage] {
        try await withCheckedThrowingContinuation { continuation in
            Thread { continuation.resume(with: Result { try readNow(configuration, count: count) }) }.start()
        }
    }

    private static func readNow(_ configuration: KafkaConfiguration, count: Int) throws -> [KafkaMessage] {
        let client = try KafkaConsumerClient(
            .consumer(configuration, group: "undertaker"), topic: configuration.topic, subscribes: true,
            readsHeaders: true)
        let clock = ContinuousClock()
        let deadline = clock.now + .seconds(20)
        var letters: [KafkaMessage] = []
        while letters.count < count, clock.now < deadline {
            if case .message(let message) = client.next(50) { letters.append(message) }
        }
        return letters
    }
}
