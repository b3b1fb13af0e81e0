// A replay that somebody watches: what is sent is taken, stopping and going on lose nothing.
import RecCore
import RecTesting
import Testing

@Suite(.timeLimit(.minutes(30))) struct WatchedReplayTests {
    private let stores = InMemoryStores()

    private func replay() async throws -> (replay: WatchedReplay, events: [Interaction]) {
        let events = try PlantedShop().interactions().map {
            try Interaction(user: $0.user, item: $0.item, kind: $0.kind, timestamp: $0.timestamp)
        }
        _ = try await stores.history.append(events)
        let replay = WatchedReplay(
            history: stores.history, log: stores.log, feed: stores.log.feed(group: "page"), sessions: stores.sessions,
            instant: { .now })
        return (replay, events)
    }

    private func finished(_ replay: WatchedReplay) async -> ReplayView {
        await replay.finish()
        return await replay.figures()
    }

    @Test func historyFillsTheWindowsToTheLastEvent() async throws {
        let (replay, events) = try await replay()
        let first = try await replay.start(speed: nil)
        #expect(first.isRunning && first.total == events.count)

        let end = await finished(replay)

        #expect(end.failure == nil && end.sent == events.count && end.taken == events.count && end.lag == 0)
        #expect(end.windows == 40 && end.fullWindows == 40)
        #expect(end.at == events.last?.timestamp && end.recent.count == 12)
        let windows = try await stores.sessions.states(of: [UserID("u3")])
        let newest = events.filter { $0.user.rawValue == "u3" }.map(\.timestamp).max()
        #expect(windows[UserID("u3")]?.interactions.first?.timestamp == newest)
        #expect(windows[UserID("u3")]?.interactions.count == 10)
    }

    @Test func stoppedReplayGoesOnWhereItStoppedAndAFinishedOneBeginsAnew() async throws {
        let (replay, events) = try await replay()
        // A second of history in a second: the first day, and then a wait of a day.
        _ = try await replay.start(speed: 1)
        while await replay.figures().taken < 40 {
            try Task.checkCancellation()
            await Task.yield()
        }
        await replay.stop()
        let stopped = await replay.figures()
        #expect(!stopped.isRunning && stopped.sent == 40 && stopped.lag == 0)

        _ = try await replay.start(speed: nil)
        let end = await finished(replay)
        #expect(end.sent == events.count && end.taken == events.count)

        _ = try await replay.start(speed: nil)
        let again = await finished(replay)
        #expect(again.sent == 2 * events.count && again.windows == 40)
    }

    @Test func whatTheLogHeldBeforeIsNotCounted() async throws {
        let (replay, events) = try await replay()
        try await stores.log.append([try event("before", "u1", "i1")])
        _ = try await replay.start(speed: nil)
        let end = await finished(replay)
        #expect(end.taken == events.count)
    }

    @Test func storeThatRefusesEndsItAndIsTold() async throws {
        let (replay, events) = try await replay()
        stores.faults.fail("sessions.record", .corrupt)
        _ = try await replay.start(speed: nil)
        let end = await finished(replay)
        #expect(end.failure != nil && end.sent == 0 && end.taken == 0)

        // What was sent and not taken is sent again: every window is as if nothing had failed.
        _ = try await replay.start(speed: nil)
        let again = await finished(replay)
        #expect(again.failure == nil && again.taken == events.count && again.fullWindows == 40)
    }

    @Test func stoppingWhatDoesNotRunChangesNothing() async throws {
        let (replay, _) = try await replay()
        await replay.stop()
        let view = await replay.figures()
        #expect(!view.isRunning && view.sent == 0)
    }
}
