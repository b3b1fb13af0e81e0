// Questions to brokers that do not answer are given up in time.
import Foundation
import RecCore
import Testing

@testable import RecStorage

@Suite(.enabled(if: KafkaCluster.canFail), .timeLimit(.minutes(2))) struct KafkaDeadlineTests {
    /// - Parameter kind: of request whose answer is held back: ListOffsets, OffsetFetch, FindCoordinator.
    @Test("a lag is given up in time when the brokers hold an answer back", arguments: [2, 9, 10])
    func lagWithoutAnswer(kind: Int) async throws {
        let cluster = try KafkaCluster()
        defer { cluster.stop() }
        let monitor = KafkaLagMonitor(try cluster.configuration())
        if kind != 10 { #expect(try await monitor.lag().total == 0) }
        try cluster.tell("delay \(kind) 5000 1")

        let took = await ContinuousClock().measure {
            let error = await #expect(throws: StorageError.self) { try await monitor.lag(within: .seconds(1)) }
            #expect(error?.code == .timeout, "\(String(describing: error))")
        }

        #expect(took < .seconds(4))
        // The answers that nobody waits for any more come while it asks again.
        try await eventually("the lag is told again") { (try? await monitor.lag(within: .seconds(1)).total) == 0 }
        await monitor.close()
    }

    /// - Parameter kind: of request that is under way: ListOffsets, OffsetFetch.
    @Test("a lag is given up in time when the brokers go away meanwhile", arguments: [2, 9])
    func lagOfBrokersThatGoAway(kind: Int) async throws {
        let cluster = try KafkaCluster()
        defer { cluster.stop() }
        let configuration = try cluster.configuration()
        let (monitor, other) = (KafkaLagMonitor(configuration), KafkaLagMonitor(configuration))
        for monitor in [monitor, other] { #expect(try await monitor.lag().total == 0) }
        try cluster.tell("delay \(kind) 60000 2")
        let start = ContinuousClock.now
        let lag = Task { try await monitor.lag(within: .seconds(2)) }
        // While it gives up, the first question is on its way.
        await #expect(throws: StorageError.self) { try await other.lag(within: .milliseconds(500)) }

        cluster.stop()

        let error = await #expect(throws: StorageError.self) { try await lag.value }
        #expect(error?.code == .timeout || error?.code == .unavailable, "\(String(describing: error))")
        #expect(start.duration(to: .now) < .seconds(5))
        await monitor.close()
        await other.close()
    }

    @Test("a feed leaves in time when no broker answers its commit")
    func leavingWithoutAnswer() async throws {
        let cluster = try KafkaCluster()
        defer { cluster.stop() }
        let configuration = try cluster.configuration(KafkaCluster.patient)
        let log = KafkaLog(configuration)
        try await log.append(try KafkaEvents.make(100))
        let feed = try KafkaFeed(configuration)
        var batch: InteractionBatch?
        try await eventually("the member reads") {
            batch = try await feed.nextBatch(atMost: 100, within: .seconds(1))
            return batch != nil
        }
        try cluster.tell("delay 8 60000 1")
        let held = try #require(batch)
        let error = await #expect(throws: StorageError.self) { try await feed.acknowledge(held) }
        #expect(error?.code == .timeout)

        let took = await ContinuousClock().measure { await feed.close() }

        #expect(took < .seconds(9))
        await log.close()
    }
}
