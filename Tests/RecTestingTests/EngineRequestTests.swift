// What a request may ask for: rules, raised items, pages, sessions, attributes, batches.
import RecCore
import RecTesting
import Testing

@Suite struct EngineRequestTests {
    private let now = PlantedShop().end

    private func shopWithAttributes(
        _ configuration: RecommendationEngine.Configuration = .init()
    ) async throws -> (InMemoryStores, RecommendationEngine) {
        let stores = InMemoryStores()
        try await stores.catalog.upsert(PlantedShop().catalog())
        try await stores.models.publish(try PlantedShop().snapshot("v1"))
        let engine = stores.engine(configuration)
        try await engine.reload()
        return (stores, engine)
    }

    @Test func filterLetsPassOnlyWhatItAdmitsInEveryMode() async throws {
        let (_, engine) = try await shopWithAttributes()
        for mode in RecommendationMode.allCases {
            let request = RecommendationRequest(
                user: UserID("u1"), mode: mode, items: [ItemID("i4")],
                filter: .oneOf(field: "text", values: ["item of shelf 2"]), limit: 50)
            let answer = try await engine.recommend(request, id: "1", now: now)
            #expect(Set(answer.items.map(\.item.rawValue)) == ["i2", "i6", "i10", "i14", "i18"], "\(mode)")
        }
    }

    @Test func filterSeesWhatTheCatalogueSaysNow() async throws {
        let (stores, engine) = try await shopWithAttributes()
        let request = RecommendationRequest(filter: .oneOf(field: "group", values: ["sale"]), limit: 50)
        #expect(try await engine.recommend(request, id: "1", now: now).items.isEmpty)

        try await stores.catalog.upsert([
            CatalogItem(id: ItemID("i3"), attributes: ["group": "sale"]),
            CatalogItem(id: ItemID("new"), attributes: ["group": "sale"]),
        ])
        try await engine.refreshCatalogue()

        #expect(
            Set(try await engine.recommend(request, id: "2", now: now).items.map(\.item.rawValue)) == ["i3", "new"])
    }

    @Test func ruleOfTheServerHoldsForEveryAnswer() async throws {
        var configuration = RecommendationEngine.Configuration()
        configuration.rule = .not(.oneOf(field: "group", values: ["even"]))
        let (_, engine) = try await shopWithAttributes(configuration)
        for mode in RecommendationMode.allCases {
            let answer = try await engine.recommend(
                RecommendationRequest(user: UserID("u0"), mode: mode, items: [ItemID("i4")], limit: 50), id: "1",
                now: now)
            #expect(answer.items.count == 10)
            #expect(answer.items.allSatisfy { (Int($0.item.rawValue.dropFirst()) ?? 0) % 2 == 1 }, "\(mode)")
        }
    }

    @Test func boostRaisesAndAddsItsAmountToTheScore() async throws {
        let (_, engine) = try await shopWithAttributes()
        var request = RecommendationRequest(user: UserID("u0"), mode: .recency, limit: 20)
        request.explain = true
        let before = try await engine.recommend(request, id: "1", now: now)
        request.boosts = [ItemBoost(.oneOf(field: "group", values: ["odd"]), amount: 50)]
        let after = try await engine.recommend(request, id: "2", now: now)

        #expect(before.items.prefix(5).allSatisfy { (Int($0.item.rawValue.dropFirst()) ?? 0) % 2 == 0 })
        #expect(after.items.prefix(10).allSatisfy { (Int($0.item.rawValue.dropFirst()) ?? 0) % 2 == 1 })
        #expect(after.items.first?.explanation?.channels["boost"] == 50)
        #expect(after.items.first?.reason == "boost")
    }

    @Test func itemsThatAreLoweredMakeRoomForThoseThatNoChannelProposed() async throws {
        // More best sellers than a channel proposes: 100 of 130 are lowered, and the list is to hold the others.
        let planted = PlantedShop(users: 40, items: 260, days: 40)
        let stores = InMemoryStores()
        try await stores.catalog.upsert(planted.catalog())
        try await stores.models.publish(try planted.snapshot("v1"))
        let engine = stores.engine()
        try await engine.reload()
        for user in [nil, UserID("u0")] {
            let before = try await engine.recommend(
                RecommendationRequest(user: user, limit: 60), id: "1", now: planted.end)
            let shown = Set(before.items.map { $0.item.rawValue })
            let shelves = Dictionary(grouping: shown) { (Int($0.dropFirst()) ?? 0) % 4 }
            let most = shelves.max { $0.value.count < $1.value.count }?.key ?? 0
            var request = RecommendationRequest(user: user, limit: 60)
            request.boosts = [ItemBoost(.oneOf(field: "text", values: ["item of shelf \(most)"]), amount: -100)]
            let after = try await engine.recommend(request, id: "2", now: planted.end)
            #expect(after.items.count == 60)
            #expect(after.items.allSatisfy { (Int($0.item.rawValue.dropFirst()) ?? 0) % 4 != most })
        }
    }

    @Test func pagesOfAListDoNotOverlapAndOnlyTheirItemsAreShown() async throws {
        let (stores, engine) = try await openShop()
        let whole = try await engine.recommend(RecommendationRequest(user: UserID("u1"), limit: 10), id: "1", now: now)
        var request = RecommendationRequest(user: UserID("u1"), limit: 4)
        request.offset = 3
        let page = try await engine.recommend(request, id: "2", now: now)
        #expect(page.items == Array(whole.items[3..<7]))
        engine.finishImpressions()
        await engine.writeImpressions()
        #expect(
            try await stores.impressions.page(after: 0, limit: 9).impressions.last.map { $0.items.count - $0.offset }
                == 4)
        request.offset = 197
        await #expect(throws: RecommendationError.self) { try await engine.recommend(request, id: "3", now: now) }
    }

    @Test func sessionOfAVisitorLeadsBesideTheUser() async throws {
        let (_, engine) = try await openShop()
        try await engine.record([
            try event("a", "session:s1", "i3"), try event("b", "session:s1", "i5"), try event("c", "u0", "i2"),
        ])
        var request = RecommendationRequest(mode: .auto, limit: 5)
        request.session = UserID("session:s1")
        let visitor = try await engine.recommend(request, id: "1", now: now)
        request.user = UserID("u0")
        let both = try await engine.recommend(request, id: "2", now: now)

        #expect(visitor.mode == .recency && visitor.window == WindowState(events: 2, newest: now))
        #expect(both.window?.events == 3)
    }

    @Test func attributesOfARequestStandForAProfile() async throws {
        let (_, engine) = try await openShop()
        var request = RecommendationRequest(user: UserID("nobody"), limit: 3)
        request.attributes = ["club": "odd"]
        // The model has no segments; what counts is that it answers and that no store is asked.
        #expect(try await engine.recommend(request, id: "1", now: now).items.count == 3)
    }

    @Test func batchAsksEachStoreOnceAndEachAnswerStandsByItself() async throws {
        let (stores, engine) = try await openShop()
        let before = stores.faults.calls(of: "sessions.states")
        var pinned = RecommendationRequest(user: UserID("u3"))
        pinned.model = ModelVersion("v9")
        let answers = await engine.recommend(
            [
                NamedRequest(id: "a", RecommendationRequest(user: UserID("u1"))), NamedRequest(id: "b", pinned),
                NamedRequest(id: "c", RecommendationRequest(user: UserID("u2"))),
            ], now: now)

        #expect(stores.faults.calls(of: "sessions.states") == before + 1)
        #expect(try answers[0].get().id == "a" && answers[2].get().id == "c")
        #expect(throws: RecommendationError.self) { try answers[1].get() }
        let single = try await engine.recommend(RecommendationRequest(user: UserID("u1")), id: "d", now: now)
        #expect(try answers[0].get().items == single.items)
    }
}
