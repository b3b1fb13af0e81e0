// Time stands still until it is moved.
import RecCore
import RecTesting
import Testing

@Suite struct ManualClockTests {
    private func wait(until isTrue: () -> Bool) async {
        while !isTrue() { await Task.yield() }
    }

    @Test func sleeperWakesWhenItsDeadlineIsReached() async throws {
        let clock = ManualClock(start: Timestamp(milliseconds: 5000))
        let sleeper = Task { try await clock.sleep(for: .seconds(3)) }
        await wait { clock.sleeperCount == 1 }

        clock.advance(by: .milliseconds(2999))
        #expect(clock.sleeperCount == 1)
        clock.advance(by: .milliseconds(1))

        try await sleeper.value
        #expect(clock.sleeperCount == 0)
        #expect(clock.timestamp == Timestamp(milliseconds: 8000))
    }

    @Test func cancelledSleeperThrows() async throws {
        let clock = ManualClock()
        let sleeper = Task { try await clock.sleep(for: .seconds(3)) }
        await wait { clock.sleeperCount == 1 }

        sleeper.cancel()

        await #expect(throws: CancellationError.self) { try await sleeper.value }
        #expect(clock.sleeperCount == 0)
    }

    @Test func feedWaitsByTheClockItIsGiven() async throws {
        let clock = ManualClock()
        let feed = InMemoryLog().feed(group: "g", clock: clock)
        let waiting = Task { try await feed.nextBatch(atMost: 1, within: .seconds(60)) }
        await wait { clock.sleeperCount == 1 }

        clock.advance(by: .seconds(60))

        #expect(try await waiting.value == nil)
    }
}
