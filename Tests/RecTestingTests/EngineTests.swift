// The engine on fakes: what it answers when a store fails, and what it keeps.
import RecCore
import RecTesting
import Testing

@Suite struct EngineTests {
    private let now = PlantedShop().end

    private func openShop() async throws -> (InMemoryStores, RecommendationEngine) {
        let stores = InMemoryStores()
        let engine = stores.engine()
        try await stores.models.publish(try PlantedShop().snapshot("v1"))
        try await engine.reload()
        return (stores, engine)
    }

    private func event(_ id: String, _ user: String, _ item: String) throws -> Interaction {
        try Interaction(event: EventID(id), user: UserID(user), item: ItemID(item), kind: .view, timestamp: now)
    }

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

    // MARK: - Rules of a request

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
        #expect(try await stores.impressions.page(after: 0, limit: 9).impressions.last?.items.count == 4)
        request.offset = 197
        await #expect(throws: RecommendationError.self) { try await engine.recommend(request, id: "3", now: now) }
    }

    @Test func activationThatItsStoreRefusesLeavesNothingBehind() async throws {
        let (stores, engine) = try await versions(["v1", "v2"], nil)
        stores.faults.fail("models.activate", .unavailable)
        await #expect(throws: StorageError.self) { try await engine.activate(try #require(ModelVersion("v1"))) }
        #expect(engine.modelsInService.map(\.version.rawValue) == ["v2"])
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

    // MARK: - Models and variants

    private func versions(_ names: [String], _ experiment: Experiment?) async throws -> (
        InMemoryStores, RecommendationEngine
    ) {
        let stores = InMemoryStores()
        for (place, name) in names.enumerated() {
            try await stores.models.publish(
                try PlantedShop(seed: UInt64(place)).snapshot(
                    name, created: Timestamp(milliseconds: now.milliseconds + Int64(place))))
        }
        var configuration = RecommendationEngine.Configuration()
        configuration.experiment = experiment
        let engine = stores.engine(configuration)
        try await engine.reload()
        try await engine.loadExperiment()
        return (stores, engine)
    }

    @Test func variantsAnswerWithTheirModels() async throws {
        let experiment = try Experiment(
            name: "x",
            variants: [
                .init(name: "old", share: 1, model: ModelVersion("v1")), .init(name: "new", share: 1),
            ])
        let (_, engine) = try await versions(["v1", "v2"], experiment)

        for number in 0..<40 {
            let user = UserID("u\(number)")
            let answer = try await engine.recommend(RecommendationRequest(user: user), id: "1", now: now)
            #expect(answer.variant == experiment.variant(of: user).name)
            #expect(answer.modelVersion.rawValue == (answer.variant == "old" ? "v1" : "v2"))
        }
        let nobody = try await engine.recommend(RecommendationRequest(), id: "2", now: now)
        #expect(nobody.variant == nil && nobody.modelVersion.rawValue == "v2")
    }

    @Test func requestMayAskForAVersionThatIsInService() async throws {
        let experiment = try Experiment(
            name: "x", variants: [.init(name: "a", share: 1, model: ModelVersion("v1")), .init(name: "b", share: 1)])
        let (_, engine) = try await versions(["v1", "v2"], experiment)
        var request = RecommendationRequest(user: UserID("u1"))
        for version in ["v1", "v2"] {
            request.model = ModelVersion(version)
            let answer = try await engine.recommend(request, id: "1", now: now)
            #expect(answer.modelVersion.rawValue == version && answer.variant == nil)
        }
        request.model = ModelVersion("v3")
        await #expect(throws: RecommendationError.self) {
            try await engine.recommend(request, id: "1", now: now)
        }
    }

    @Test func itemsThatAreAddedReachEveryModelInService() async throws {
        let experiment = try Experiment(
            name: "x", variants: [.init(name: "a", share: 1, model: ModelVersion("v1")), .init(name: "b", share: 1)])
        let (_, engine) = try await versions(["v1", "v2"], experiment)

        try await engine.upsertItems([CatalogItem(id: ItemID("new"), attributes: ["group": "odd"])])

        for version in ["v1", "v2"] {
            var request = RecommendationRequest(user: UserID("u1"), limit: 50)
            request.model = ModelVersion(version)
            #expect(
                try await engine.recommend(request, id: "1", now: now).items.map(\.item).contains(ItemID("new")))
        }
    }

    @Test func activationAndStepBackChangeTheAnsweringVersion() async throws {
        let (stores, engine) = try await versions(["v1", "v2", "v3"], nil)
        #expect(try await engine.rollBack().rawValue == "v2")
        #expect(engine.modelVersion?.rawValue == "v2")
        try await engine.activate(try #require(ModelVersion("v3")))
        #expect(engine.modelVersion?.rawValue == "v3")
        #expect(try await stores.models.current()?.rawValue == "v3")
        #expect(engine.modelsInService.map(\.version.rawValue) == ["v3"])
        try await engine.activate(try #require(ModelVersion("v1")))
        await #expect(throws: StorageError.self) { try await engine.rollBack() }
    }

    @Test func versionThatIsNotGoodIsNotActivatedAnywhere() async throws {
        let (stores, engine) = try await versions(["v1", "v2"], nil)
        stores.faults.fail("models.load", .corrupt)

        await #expect(throws: StorageError.self) { try await engine.activate(try #require(ModelVersion("v1"))) }

        #expect(engine.modelVersion?.rawValue == "v2")
        #expect(try await stores.models.current()?.rawValue == "v2")
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
