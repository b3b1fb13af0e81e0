// The engine on fakes: what it answers when a store fails, and what it keeps.
import RecCore
import RecTesting
import Synchronization
import Testing

@Suite struct EngineTests {
    private let now = PlantedShop().end

    @Test func eventChangesTheNextAnswerOfItsUserOnly() async throws {
        let (_, engine) = try await openShop()
        let visitor = RecommendationRequest(user: UserID("visitor"), limit: 5)
        let other = RecommendationRequest(user: UserID("u0"), limit: 5)
        let before = try await engine.recommend(visitor, id: "1", now: now)
        let untouched = try await engine.recommend(other, id: "2", now: now)

        try await engine.record([try event("e", "visitor", "i3"), try event("f", "visitor", "i5")])

        let after = try await engine.recommend(visitor, id: "3", now: now)
        #expect(before.mode == .coldStart && after.mode == .recency)
        let odd = after.items.filter { (Int($0.item.rawValue.dropFirst()) ?? 0) % 2 == 1 }
        #expect(odd.count >= 4)
        #expect(try await engine.recommend(other, id: "4", now: now).items == untouched.items)
    }

    @Test func engineAnswersWithoutItsWindowsAndSaysSo() async throws {
        let (stores, engine) = try await openShop()
        stores.faults.fail("sessions.states", .timeout)

        let answer = try await engine.recommend(RecommendationRequest(user: UserID("u1")), id: "1", now: now)

        #expect(answer.degraded == ["sessions"] && !answer.items.isEmpty)
        #expect(
            try await engine.recommend(RecommendationRequest(user: UserID("u1")), id: "2", now: now).degraded.isEmpty)
    }

    @Test(arguments: ["log.append", "sessions.record"])
    func refusedEventMayBeSentAgain(_ operation: String) async throws {
        let (stores, engine) = try await openShop()
        let events = [try event("e", "visitor", "i3")]
        stores.faults.fail(operation, .unavailable)
        await #expect(throws: StorageError.self) { try await engine.record(events) }

        try await engine.record(events)

        let held = try await stores.sessions.states(of: [UserID("visitor")])[UserID("visitor")]
        #expect(held?.interactions == events)
        #expect(Set(stores.log.events) == Set(events))
    }

    @Test func newCustomerIsAnsweredByTheirAttributes() async throws {
        let stores = InMemoryStores()
        let shop = PlantedShop()
        _ = try await stores.history.append(try shop.interactions())
        try await stores.users.upsert(
            (0..<shop.users).map {
                UserProfile(id: UserID("u\($0)"), attributes: ["club": $0 % 2 == 0 ? "even" : "odd"])
            })
        let data = try await TrainingData.read(history: stores.history, catalog: stores.catalog, users: stores.users)
        let options = TrainingOptions(
            als: try ALSConfiguration(dimension: 6), repeats: true, weights: .standard,
            strangers: StrangerWeights([0, 0, 0.1, 0, 0, 1]))
        try await stores.models.publish(
            try await data.train(options, version: try #require(ModelVersion("v1")), created: now))
        let engine = stores.engine()
        try await engine.reload()
        try await stores.users.upsert([UserProfile(id: UserID("new"), attributes: ["club": "odd"])])

        let answer = try await engine.recommend(RecommendationRequest(user: UserID("new"), limit: 5), id: "1", now: now)

        #expect(answer.mode == .coldStart)
        #expect(answer.items.allSatisfy { (Int($0.item.rawValue.dropFirst()) ?? 0) % 2 == 1 })
        stores.faults.fail("users.profiles", .unavailable)
        let without = try await engine.recommend(
            RecommendationRequest(user: UserID("new"), limit: 5), id: "2", now: now)
        #expect(without.degraded == ["users"] && without.items.count == 5)
    }

    @Test func refusedModelLeavesTheServedOne() async throws {
        let (stores, engine) = try await openShop()
        try await stores.models.publish(try PlantedShop(seed: 8).snapshot("v2"))
        stores.faults.fail("models.load", .corrupt)
        await #expect(throws: StorageError.self) { try await engine.reload() }
        #expect(engine.modelVersion?.rawValue == "v1")
        let answer = try await engine.recommend(RecommendationRequest(user: UserID("u1")), id: "1", now: now)
        #expect(answer.modelVersion.rawValue == "v1")

        try await engine.reload()

        #expect(engine.modelVersion?.rawValue == "v2")
    }

    @Test func hiddenItemsAreNeverRecommended() async throws {
        let stores = InMemoryStores()
        let engine = stores.engine()
        try await stores.models.publish(try PlantedShop().snapshot("v1"))
        let hidden = ItemID("i1")
        try await stores.catalog.upsert([CatalogItem(id: hidden, attributes: [:], isHidden: true)])
        try await engine.reload()

        for mode in RecommendationMode.allCases {
            let request = RecommendationRequest(
                user: UserID("u1"), mode: mode, items: [ItemID("i3")], limit: RecommendationRequest.maximumLimit)
            let answer = try await engine.recommend(request, id: "1", now: now)
            #expect(!answer.items.isEmpty)
            #expect(!answer.items.map(\.item).contains(hidden), "mode \(mode)")
        }
    }

    @Test func everyAnswerLeavesAnImpression() async throws {
        let (stores, engine) = try await openShop()
        var answers: [Recommendations] = []
        for number in 0..<20 {
            answers.append(
                try await engine.recommend(
                    RecommendationRequest(user: UserID("u\(number)")), id: "r\(number)", now: now))
        }
        engine.finishImpressions()

        await engine.writeImpressions()

        let kept = try await stores.impressions.page(after: 0, limit: 100).impressions
        #expect(kept.map(\.recommendation) == (0..<20).map { "r\($0)" })
        #expect(kept.first?.items == answers.first?.items.map(\.item))
        #expect(stores.faults.calls(of: "impressions.append") == 1)
    }

    /// 1,200 impressions are two batches.
    @Test(
        "A log that is away at the end is not asked for the rest, and one that refuses a batch is",
        arguments: [(StorageError.Code.unavailable, 1, 1200), (.rejected, 2, 1000)])
    func impressionsAtAStop(_ code: StorageError.Code, calls: Int, lost expected: Int) async throws {
        let (stores, engine) = try await openShop()
        for number in 0..<1200 { _ = try await engine.recommend(RecommendationRequest(), id: "r\(number)", now: now) }
        stores.faults.fail("impressions.append", code)
        engine.finishImpressions()

        let lost = Mutex(0)
        await engine.writeImpressions { _, count in lost.withLock { $0 += count } }

        #expect(lost.withLock { $0 } == expected)
        #expect(stores.faults.calls(of: "impressions.append") == calls)
        #expect(engine.waitingImpressions == 0)
    }

    @Test func impressionsThatTheirLogRefusesAreCounted() async throws {
        let (stores, engine) = try await openShop()
        for number in 0..<7 { _ = try await engine.recommend(RecommendationRequest(), id: "r\(number)", now: now) }
        stores.faults.fail("impressions.append", .full)
        engine.finishImpressions()

        let lost = FaultPlan()
        await engine.writeImpressions { _, count in
            for _ in 0..<count { try? lost.run("lost") { () throws(StorageError) in } }
        }

        #expect(lost.calls(of: "lost") == 7)
        #expect(try await stores.impressions.page(after: 0, limit: 100).impressions.isEmpty)
    }

    @Test func fullBacklogDropsImpressionsAndNoRequest() async throws {
        let stores = InMemoryStores()
        var configuration = RecommendationEngine.Configuration()
        configuration.impressionBacklog = 3
        let engine = stores.engine(configuration)
        try await stores.models.publish(try PlantedShop().snapshot("v1"))
        try await engine.reload()

        for number in 0..<10 {
            let answer = try await engine.recommend(RecommendationRequest(), id: "r\(number)", now: now)
            #expect(!answer.items.isEmpty)
        }
        engine.finishImpressions()
        await engine.writeImpressions()

        #expect(try await stores.impressions.page(after: 0, limit: 100).impressions.count == 3)
    }

    @Test func eventIsLoggedOnceHoweverOftenItIsSent() async throws {
        let (stores, engine) = try await openShop()
        let events = [try event("e", "visitor", "i3")]
        stores.faults.fail("sessions.record", .timeout)
        await #expect(throws: StorageError.self) { try await engine.record(events) }

        for _ in 0..<3 { try await engine.record(events) }

        #expect(stores.log.events == events)
        #expect(try await engine.window(of: UserID("visitor")).interactions == events)
        let error = await #expect(throws: StorageError.self) {
            try await engine.record([try event("e", "visitor", "i5")])
        }
        #expect(error?.code == .conflict)
    }
}
