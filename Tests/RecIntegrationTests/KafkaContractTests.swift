// The event log on Kafka keeps to the contract of every event log.
import RecCore
import RecTesting
import Synchronization
import Testing

@testable import RecStorage

/// The living feed of each group: a new one stands for a restart, so the one before ends.
private actor RestartingFeeds {
    private var feeds: [String: KafkaFeed] = [:]
    private let configuration: KafkaConfiguration
    init(_ configuration: KafkaConfiguration) { self.configuration = configuration }

    func start(_ group: String) async throws -> KafkaFeed {
        await feeds[group]?.close()
        let feed = try KafkaFeed(configuration, group: group)
        feeds[group] = feed
        return feed
    }
}

@Suite struct KafkaContractTests {
    @Test(.enabled(if: KafkaCluster.isThere), .timeLimit(.minutes(2)))
    func kafkaKeepsToTheContractOfAnEventLog() async throws {
        let cluster = try KafkaCluster(mocked: false)
        defer { cluster.stop() }

        try await InteractionLogContract.verify(patience: .seconds(20)) {
            // On a busy machine a batch lies for longer than ten seconds, and what keeps the membership waits for Swift's pool, too.
            let configuration = try cluster.configuration(["max.poll.interval.ms": "60000"])
            let feeds = RestartingFeeds(configuration)
            return InteractionLogContract.Subject(log: KafkaLog(configuration)) { try await feeds.start($0) }
        }
    }

    @Test(.enabled(if: KafkaCluster.isThere), .timeLimit(.minutes(2)))
    func aClosedLogAndFeedRefuseWork() async throws {
        let cluster = try KafkaCluster(mocked: false)
        defer { cluster.stop() }
        let configuration = try cluster.configuration()
        let log = KafkaLog(configuration)
        let feed = try KafkaFeed(configuration)

        await log.close()
        await feed.close()

        await #expect(throws: StorageError.self) { try await log.append(try KafkaEvents.make(1)) }
        await #expect(throws: StorageError.self) { try await feed.nextBatch(atMost: 1, within: .seconds(1)) }
    }

    @Test(.enabled(if: KafkaCluster.isThere), .timeLimit(.minutes(2)))
    func manyWritersShareOneProducer() async throws {
        let cluster = try KafkaCluster(mocked: false)
        defer { cluster.stop() }
        let configuration = try cluster.configuration()
        let log = KafkaLog(configuration)
        let events = try KafkaEvents.make(400)

        try await withThrowingTaskGroup { group in
            for writer in 0..<8 {
                group.addTask {
                    for place in stride(from: writer, to: events.count, by: 8) { try await log.append([events[place]]) }
                }
            }
            try await group.waitForAll()
        }

        let monitor = KafkaLagMonitor(configuration)
        #expect(try await monitor.messages() == 400)
        // A group that never acknowledged is behind by everything.
        #expect(try await monitor.lag().total == 400)
        await log.close()
    }

    @Test(.timeLimit(.minutes(2)))
    func aLogThatIsNotReachableAnswersAtItsDeadline() async throws {
        let configuration = try KafkaConfiguration(brokers: ["127.0.0.1:1"])
        let log = KafkaLog(configuration, deadline: .milliseconds(200))

        let error = await #expect(throws: StorageError.self) { try await log.append(try KafkaEvents.make(3)) }

        #expect(error?.code == .timeout)
        #expect(error?.isRetryable == true)
        await log.close()
    }

    @Test(.timeLimit(.minutes(2)))
    func aFeedWithoutBrokersWaitsAndEnds() async throws {
        let feed = try KafkaFeed(try KafkaConfiguration(brokers: ["127.0.0.1:1"]))

        #expect(try await feed.nextBatch(atMost: 1, within: .milliseconds(50)) == nil)
        await feed.close()
    }
}
