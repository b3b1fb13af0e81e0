// The stream processor and the event generator on fakes that fail.
import RecCore
import RecTesting
import Synchronization
import Testing

private func event(_ number: Int, user: String = "u", id: Bool = true, seconds: Int = 0) throws -> Interaction {
    try Interaction(
        event: id ? EventID("e\(number)") : nil, user: UserID(user), item: ItemID("i\(number)"), kind: .view,
        timestamp: Timestamp(milliseconds: Int64(1_000_000 + seconds * 1000)))
}

/// A clock that moves to whatever is waited for, and remembers the waits.
private final class SkippingClock: Clock, Sendable {
    typealias Instant = ContinuousClock.Instant
    private let state = Mutex((now: ContinuousClock.now, waits: [Swift.Duration]()))
    var now: Instant { state.withLock { $0.now } }
    let minimumResolution = Swift.Duration.nanoseconds(1)
    var waits: [Swift.Duration] { state.withLock { $0.waits } }
    func sleep(until deadline: Instant, tolerance: Swift.Duration?) async throws {
        try Task.checkCancellation()
        state.withLock { state in
            state.waits.append(state.now.duration(to: deadline))
            state.now = max(state.now, deadline)
        }
    }
}

@Suite struct StreamPipelineTests {
    private let stores = InMemoryStores()
    private let options = StreamPipeline.Options(batchSize: 3, patience: .milliseconds(1))

    private func pipeline(_ feed: (any InteractionFeed)? = nil) -> StreamPipeline {
        StreamPipeline(
            feed: feed ?? stores.log.feed(group: "g"), sessions: stores.sessions, history: stores.history,
            options: options)
    }

    private func unread() async throws -> Int {
        try await stores.log.feed(group: "g").nextBatch(atMost: 100, within: .zero)?.interactions.count ?? 0
    }

    @Test func everyEventReachesWindowsAndHistoryAndIsAcknowledged() async throws {
        let events = try (0..<8).map { try event($0, user: "u\($0 % 2)", seconds: $0) }
        try await stores.log.append(events + [events[0]])

        let report = try await pipeline().run(until: .whenIdle, clock: SkippingClock())

        #expect(report.batches == 3)
        #expect(report.events == 9)
        #expect(report.added == 8)
        #expect(report.retries == 0)
        #expect(Set(stores.history.interactions) == Set(events))
        let windows = try await stores.sessions.states(of: [UserID("u0"), UserID("u1")])
        #expect(windows[UserID("u0")]?.interactions.map(\.item.rawValue) == ["i6", "i4", "i2", "i0"])
        #expect(try await unread() == 0)
    }

    @Test(arguments: ["feed.next", "sessions.record", "history.append", "feed.acknowledge"])
    func aFailingStoreIsAskedAgainLaterAndLater(_ operation: String) async throws {
        try await stores.log.append(try (0..<2).map { try event($0) })
        stores.faults.fail(operation, .unavailable, times: 2)
        stores.faults.fail(operation, .timeout, moment: .afterEffect)
        let clock = SkippingClock()

        let report = try await pipeline().run(until: .whenIdle, clock: clock)

        #expect(report.retries == 3)
        #expect(clock.waits == [.milliseconds(50), .milliseconds(100), .milliseconds(200)])
        #expect(report.events == 2)
        #expect(stores.history.interactions.count == 2)
        #expect(try await unread() == 0)
    }

    @Test func aFullStoreIsWaitedFor() async throws {
        try await stores.log.append([try event(0)])
        stores.faults.fail("sessions.record", .full, times: 4)

        let told = Mutex<[StorageError.Code]>([])
        let pipeline = StreamPipeline(
            feed: stores.log.feed(group: "g"), sessions: stores.sessions, options: options,
            failed: { error in told.withLock { $0.append(error.code) } })

        let report = try await pipeline.run(until: .whenIdle, clock: SkippingClock())

        #expect(report.retries == 4)
        #expect(told.withLock { $0 } == [.full, .full, .full, .full])
        #expect(report.events == 1)
        #expect(try await unread() == 0)
    }

    @Test func whatAReplaySendsIsNotAddedToTheHistoryItComesFrom() async throws {
        let shop = InMemoryStores()
        _ = try await shop.history.append(try (0..<5).map { try event($0, id: false, seconds: $0) })
        _ = try await ReplayPipeline(history: shop.history, log: stores.log).run(clock: SkippingClock())
        try await stores.log.append([try event(9, seconds: 9)])

        let report = try await pipeline().run(until: .whenIdle, clock: SkippingClock())

        #expect(report.events == 6)
        #expect(report.added == 1)
        #expect(stores.history.interactions.map(\.item.rawValue) == ["i9"])
        let window = try await stores.sessions.states(of: [UserID("u")])[UserID("u")]
        #expect(window?.interactions.count == 6)
    }

    @Test func aReplayWaitsForAHistoryThatIsAway() async throws {
        let shop = InMemoryStores()
        _ = try await shop.history.append(try (0..<5).map { try event($0, id: false, seconds: $0) })
        shop.faults.fail("history.page", .unavailable, times: 2)
        shop.faults.fail("history.page", .timeout, skipping: 2)

        let progress = try await ReplayPipeline(history: shop.history, log: stores.log, options: .init(pageSize: 2))
            .run(clock: SkippingClock())

        #expect(progress.isComplete)
        #expect(progress.retries == 3)
        #expect(stores.log.events.count == 5)
    }

    @Test(arguments: ["sessions.record", "history.append"])
    func nothingIsAcknowledgedBeforeItsEffect(_ operation: String) async throws {
        try await stores.log.append(try (0..<2).map { try event($0) })
        stores.faults.fail(operation, .corrupt)

        let error = await #expect(throws: StorageError.self) {
            try await pipeline().run(until: .whenIdle, clock: SkippingClock())
        }

        #expect(error?.code == .corrupt)
        #expect(try await unread() == 2)
    }

    @Test func aCancelledRunFinishesTheBatchInHand() async throws {
        try await stores.log.append(try (0..<9).map { try event($0) })
        let pipeline = pipeline()

        let report = try await Task {
            try await pipeline.run(clock: SkippingClock()) { _ in withUnsafeCurrentTask { $0?.cancel() } }
        }.value

        #expect(report.batches == 1)
        #expect(report.events == 3)
        #expect(try await unread() == 6)
    }

    @Test func aRunThatWaitsForAStoreEndsWhenCancelledAndAcknowledgesNothing() async throws {
        try await stores.log.append([try event(0)])
        stores.faults.fail("sessions.record", .unavailable, times: .max)
        let clock = ManualClock()
        let pipeline = pipeline()
        let run = Task { try await pipeline.run(clock: clock) }
        while clock.sleeperCount == 0 { await Task.yield() }

        run.cancel()

        #expect(try await run.value.batches == 0)
        #expect(try await unread() == 1)
    }

    @Test func aCallThatTheEndOfTheRunCutsOffIsNoFailure() async throws {
        let told = Mutex(0)
        let pipeline = StreamPipeline(
            feed: CutOffFeed(), sessions: stores.sessions, failed: { _ in told.withLock { $0 += 1 } })

        let report = try await Task { try await pipeline.run(clock: SkippingClock()) }.value

        #expect(report == StreamReport())
        #expect(told.withLock { $0 } == 0)
    }

    @Test func waitsGrowToTheirMaximum() {
        let backoff = RetryBackoff(initial: .seconds(1), maximum: .seconds(10))

        #expect([0, 1, 3, 4, 100].map(backoff.wait(before:)) == [1, 2, 8, 10, 10].map { .seconds($0) })
    }
}

@Suite struct ReplayPipelineTests {
    private let stores = InMemoryStores()

    private func pipeline(
        _ options: ReplayPipeline.Options = ReplayPipeline.Options(pageSize: 4),
        lag: (@Sendable () async throws(StorageError) -> Int64)? = nil
    ) -> ReplayPipeline {
        ReplayPipeline(history: stores.history, log: stores.log, options: options, lag: lag)
    }

    @Test func allOfHistoryIsSentInStoredOrderUnderNamesOfItsPlaces() async throws {
        let rows = try (0..<10).map { try event($0, id: $0 == 3) }
        _ = try await stores.history.append(rows)

        let progress = try await pipeline().run(clock: SkippingClock())

        #expect(progress.isComplete)
        #expect(progress.events == 10)
        #expect(progress.nextOffset == 10)
        #expect(stores.log.events.map(\.item) == rows.map(\.item))
        #expect(stores.log.events[3].event == EventID("e3"))
        #expect(stores.log.events[9].event == EventID("h000000000010"))
        #expect(Set(stores.log.events.map(\.event)).count == 10)
    }

    @Test func aResumedReplayGoesOnWithTheSameNames() async throws {
        _ = try await stores.history.append(try (0..<10).map { try event($0, id: false) })
        _ = try await pipeline().run(clock: SkippingClock())
        let whole = stores.log.events

        for offset in 0...10 {
            let other = InMemoryLog()
            let progress = try await ReplayPipeline(
                history: stores.history, log: other, options: ReplayPipeline.Options(pageSize: 3)
            ).run(from: Int64(offset), clock: SkippingClock())

            #expect(progress.nextOffset == 10)
            #expect(other.events == Array(whole.dropFirst(offset)))
        }
    }

    @Test func numbersThatHistoryLeftOutChangeNoName() async throws {
        let rows = try (0..<12).map { try event($0, id: false) }
        let gaps = HistoryWithGaps(rows: zip([1, 2, 5, 6, 7, 20, 21, 22, 23, 24, 30, 40], rows).map { ($0, $1) })
        var names: [[EventID?]] = []

        for size in [1, 2, 5, 100] {
            let log = InMemoryLog()
            let progress = try await ReplayPipeline(
                history: gaps, log: log, options: ReplayPipeline.Options(pageSize: size)
            ).run(clock: SkippingClock())
            #expect(progress.nextOffset == 40)
            names.append(log.events.map(\.event))
        }

        #expect(names.allSatisfy { $0 == gaps.rows.map { NamedHistory.eventID(ofRow: $0.0) } })
    }

    @Test func eventsComeAtAMultipleOfTheirSpeed() async throws {
        _ = try await stores.history.append(
            try [0, 0, 10, 30, 20, 60].enumerated().map { try event($0, id: false, seconds: $1) })
        let clock = SkippingClock()
        let start = clock.now
        let sent = Mutex<[Int]>([])

        _ = try await pipeline(ReplayPipeline.Options(speed: 10, pageSize: 4)).run(clock: clock) { progress in
            sent.withLock { $0.append(progress.events) }
        }

        // 60 s at ten times their speed; what is late goes at once.
        #expect(start.duration(to: clock.now) == .seconds(6))
        #expect(clock.waits == [.seconds(1), .seconds(2), .seconds(3)])
        #expect(sent.withLock { $0 } == [2, 3, 4, 5, 6])
    }

    @Test func theReplayWaitsForItsConsumers() async throws {
        _ = try await stores.history.append(try (0..<8).map { try event($0) })
        let lags = Mutex<[Int64]>([0, 50, 11, 10])
        let clock = SkippingClock()

        let progress = try await pipeline(ReplayPipeline.Options(pageSize: 4, maximumLag: 10)) {
            lags.withLock { $0.removeFirst() }
        }.run(clock: clock)

        #expect(progress.events == 8)
        #expect(clock.waits == [.milliseconds(100), .milliseconds(100)])
    }

    @Test func aLogThatFailsIsAskedAgainAndOneThatStaysAwayEndsTheRun() async throws {
        _ = try await stores.history.append(try (0..<8).map { try event($0) })
        stores.faults.fail("log.append", .unavailable, skipping: 1, times: 3)
        let options = ReplayPipeline.Options(pageSize: 4, attempts: 3)

        let progress = try await pipeline(options).run(clock: SkippingClock())
        stores.faults.fail("log.append", .unavailable, skipping: 1, times: 4)
        let told = Mutex<Int64>(0)
        let error = await #expect(throws: StorageError.self) {
            try await pipeline(options).run(clock: SkippingClock()) { progress in
                told.withLock { $0 = progress.nextOffset }
            }
        }

        #expect(progress.retries == 3)
        #expect(progress.events == 8)
        #expect(error?.code == .unavailable)
        #expect(told.withLock { $0 } == 4)
    }

    @Test func aCancelledReplayTellsWhereToGoOn() async throws {
        _ = try await stores.history.append(try (0..<9).map { try event($0) })
        let pipeline = pipeline()

        let progress = try await Task {
            try await pipeline.run(clock: SkippingClock()) { _ in withUnsafeCurrentTask { $0?.cancel() } }
        }.value

        #expect(progress.nextOffset == 4)
        #expect(progress.isComplete == false)
        #expect(stores.log.events.count == 4)
    }

    @Test(arguments: [5, Int64.max - 1, .max])
    func behindTheEndOfHistoryNothingIsSent(offset: Int64) async throws {
        _ = try await stores.history.append(try (0..<5).map { try event($0, id: false) })

        let progress = try await pipeline(ReplayPipeline.Options(pageSize: 4)).run(from: offset, clock: SkippingClock())

        #expect(progress.events == 0 && progress.isComplete && progress.nextOffset == offset)
    }

    @Test func namesOfRowsAreOrderedAsTheRows() {
        let offsets: [Int64] = [1, 9, 10, 99, 100, 37_000_000, 999_999_999_999]
        let names = offsets.map(NamedHistory.eventID(ofRow:))

        #expect(names.sorted() == names)
        #expect(names[0].rawValue == "h000000000001")
        #expect(NamedHistory.eventID(ofRow: 1_000_000_000_000).rawValue == "h1000000000000")
    }
}

/// The task ends while it is asked.
private struct CutOffFeed: InteractionFeed {
    func nextBatch(atMost count: Int, within: Duration) async throws(StorageError) -> InteractionBatch? {
        withUnsafeCurrentTask { $0?.cancel() }
        throw StorageError(.unavailable, operation: "feed.next", reason: "cut off")
    }
    func acknowledge(_ batch: InteractionBatch) async throws(StorageError) {}
}

/// A history whose offsets are not dense.
private struct HistoryWithGaps: InteractionStore {
    let rows: [(Int64, Interaction)]
    func append(_ interactions: [Interaction]) async throws(StorageError) -> Int { 0 }
    func load(
        _ interactions: [Interaction], from previous: SourcePosition?, to position: SourcePosition
    ) async throws(StorageError) {}
    func position(of source: String) async throws(StorageError) -> SourcePosition? { nil }
    func page(after offset: Int64, limit: Int) async throws(StorageError) -> HistoryPage {
        let page = rows.filter { $0.0 > offset }.prefix(limit)
        return HistoryPage(interactions: page.map(\.1), nextOffset: page.last?.0 ?? offset)
    }
    func count() async throws(StorageError) -> Int { rows.count }
}
