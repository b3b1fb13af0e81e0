// Variants, the gate, and the memory of event ids.
import RecCore
import Synchronization
import Testing

@testable import RecCore

@Suite struct ServingPartsTests {
    private static func variants(_ shares: [Double]) -> [Experiment.Variant] {
        shares.enumerated().map { Experiment.Variant(name: "v\($0.offset)", share: $0.element) }
    }

    /// 100,000 users: a share's standard error is below 0.0016; five of them are 0.008.
    @Test func variantsGetTheirSharesAndKeepTheirUsers() throws {
        let experiment = try Experiment(name: "one", variants: Self.variants([1, 2, 1]))
        let other = try Experiment(name: "two", variants: Self.variants([1, 2, 1]))
        var counts = [0, 0, 0]
        var same = 0
        for number in 0..<100_000 {
            let user = UserID("user-\(number)")
            let variant = experiment.variant(of: user)
            counts[Int(variant.name.dropFirst()) ?? 0] += 1
            #expect(experiment.variant(of: user) == variant)
            same += other.variant(of: user).name == variant.name ? 1 : 0
        }
        for (count, share) in zip(counts, [0.25, 0.5, 0.25]) { #expect(abs(Double(count) / 100_000 - share) < 0.008) }
        // Another experiment draws anew: the chance to agree is 1/16 + 1/4 + 1/16.
        #expect(abs(Double(same) / 100_000 - 0.375) < 0.008)
    }

    @Test func aShareThatGrowsMovesNobodyElsewhere() throws {
        let before = try Experiment(name: "x", variants: Self.variants([8, 2]))
        let after = try Experiment(name: "x", variants: Self.variants([9, 1]))
        for number in 0..<1000 where before.variant(of: UserID("u\(number)")).name == "v0" {
            #expect(after.variant(of: UserID("u\(number)")).name == "v0")
        }
    }

    @Test func everythingWrongWithAnExperimentIsTold() {
        let error = #expect(throws: InvalidExperiment.self) {
            try Experiment(
                name: "No Word",
                variants: [
                    .init(name: "a", share: 0), .init(name: "a", share: .nan),
                    .init(name: "B!", share: 1, policy: "best"),
                ])
        }
        #expect(error?.problems.count == 6)
    }

    @Test func theGateLetsSoManyInAndRefusesBeyondItsQueue() async throws {
        let gate = SlateGate(width: 2, queue: 50)
        final class Inside: Sendable { let count = Mutex((now: 0, most: 0)) }
        let inside = Inside()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<50 {
                group.addTask {
                    try? await gate.run {
                        inside.count.withLock { state in
                            state.now += 1
                            state.most = max(state.most, state.now)
                        }
                        for _ in 0..<1000 { inside.count.withLock { _ in } }
                        inside.count.withLock { $0.now -= 1 }
                    }
                }
            }
        }
        #expect(inside.count.withLock { $0.most } <= 2)
        #expect(try await gate.run { 7 } == 7)
    }

    @Test func theGateRefusesWhenItsQueueIsFull() async throws {
        final class Latch: Sendable { let state = Mutex((isIn: false, mayGo: false)) }
        let (gate, latch) = (SlateGate(width: 1, queue: 0), Latch())
        let inside = Task.detached {
            try await gate.run {
                latch.state.withLock { $0.isIn = true }
                while !latch.state.withLock({ $0.mayGo }) {}
            }
        }
        while !latch.state.withLock({ $0.isIn }) { await Task.yield() }

        await #expect(throws: RecommendationError.overloaded) { try await gate.run {} }

        latch.state.withLock { $0.mayGo = true }
        try await inside.value
        #expect(try await gate.run { 1 } == 1)
    }

    private func event(
        _ id: String, item: String = "i", minute: Int = 0, user: String = "u"
    ) throws -> Interaction {
        try Interaction(
            event: EventID(id), user: UserID(user), item: ItemID(item), kind: .view,
            timestamp: Timestamp(milliseconds: Int64(minute) * 60_000))
    }

    @Test func anEventThatWasTakenIsNotNewAgain() throws {
        let recent = RecentEvents(capacity: 3)
        let first = [try event("a"), try event("b")]
        #expect(try recent.begin(first) == first)
        recent.finish(first, isTaken: true)

        // The same event, sent again later without a time of its own.
        #expect(try recent.begin([try event("a", minute: 1), try event("c")]).map(\.event) == [EventID("c")])
    }

    @Test func anEventThatWasNotTakenMayComeAgain() throws {
        let recent = RecentEvents(capacity: 3)
        let events = [try event("a")]
        _ = try recent.begin(events)
        #expect(throws: StorageError.self) { try recent.begin(events) }
        recent.finish(events, isTaken: false)

        #expect(try recent.begin(events) == events)
    }

    @Test func oneIdForTwoEventsIsAConflict() throws {
        let recent = RecentEvents(capacity: 3)
        let error = #expect(throws: StorageError.self) {
            try recent.begin([try event("a"), try event("a", item: "other")])
        }
        #expect(error?.code == .conflict)
        #expect(try recent.begin([try event("a"), try event("a")]).count == 1)
        recent.finish([try event("a")], isTaken: true)
        #expect(throws: StorageError.self) { try recent.begin([try event("a", item: "other")]) }
    }

    @Test func twoUsersMayUseOneId() throws {
        let recent = RecentEvents(capacity: 3)
        let first = [try event("1", user: "a")]
        _ = try recent.begin(first)
        recent.finish(first, isTaken: true)
        #expect(try recent.begin([try event("1", item: "other", user: "b")]).count == 1)
    }

    @Test func aQueueThatNeverRunsEmptyKeepsItsSize() async throws {
        let gate = SlateGate(width: 1, queue: 1000)
        let done = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<900 { group.addTask { try await gate.run { number } } }
            return try await group.reduce(0, +)
        }
        #expect(done == 899 * 900 / 2)
        #expect(try await gate.run { 1 } == 1)
    }

    @Test func theOldestIdsAreForgotten() throws {
        let recent = RecentEvents(capacity: 3)
        for id in ["a", "b", "c", "d"] {
            let events = [try event(id)]
            _ = try recent.begin(events)
            recent.finish(events, isTaken: true)
        }
        #expect(try recent.begin([try event("a")]).count == 1)
        #expect(try recent.begin([try event("d")]).isEmpty)
    }
}
