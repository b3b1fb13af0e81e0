// Lists by chance: the same again for the same request, logged so that they can be made again and judged.
import RecCore
import RecTesting
import Synchronization
import Testing

@Suite struct StochasticEngineTests {
    private let now = PlantedShop().end

    private func openShop(
        _ policy: String = "stochastic", set: (inout RecommendationEngine.Configuration) -> Void = { _ in }
    ) async throws -> (InMemoryStores, RecommendationEngine) {
        let stores = InMemoryStores()
        var configuration = RecommendationEngine.Configuration()
        configuration.policy = try PolicyChoice(policy)
        // Fewer than there are items, so that new ones are extras.
        configuration.policyCandidates = 30
        set(&configuration)
        let engine = stores.engine(configuration)
        try await stores.models.publish(try PlantedShop(users: 60, items: 60).snapshot("v1"))
        try await engine.reload()
        return (stores, engine)
    }

    /// Writes what is queued.
    private func impressions(of engine: RecommendationEngine, _ stores: InMemoryStores) async throws -> [Impression] {
        engine.finishImpressions()
        await engine.writeImpressions()
        return try await stores.impressions.page(after: 0, limit: 100_000).impressions
    }

    @Test func theSameRequestHasTheSameListAndAnotherHasAnother() async throws {
        let (_, engine) = try await openShop("plackett_luce(3)")
        var request = RecommendationRequest(user: UserID("u1"), limit: 8)
        func items(_ id: String) async throws -> [RecommendedItem] {
            try await engine.recommend(request, id: id, now: now).items
        }
        let first = try await items("a")
        #expect(try await items("a") == first)
        #expect(try await items("b") != first)
        request.seed = 5
        #expect(try await items("a") != first)
        // A longer list begins alike, so that pages of one answer fit together.
        (request.seed, request.limit) = (0, 20)
        #expect(try await items("a").prefix(8).map(\.item) == first.map(\.item))
        request.offset = 4
        #expect(try await items("a").prefix(4).map(\.item) == Array(first.dropFirst(4)).map(\.item))
        #expect(first.allSatisfy { $0.logPropensity < 0 && $0.propensity > 0 && $0.propensity < 1 })
    }

    @Test func answersTellTheirPolicyAndSeed() async throws {
        let (_, engine) = try await openShop()
        let known = try await engine.recommend(RecommendationRequest(user: UserID("u1")), id: "a", now: now)
        let stranger = try await engine.recommend(RecommendationRequest(user: UserID("x")), id: "a", now: now)
        #expect(known.policy.hasPrefix("plackett_luce(") && known.seed != nil && stranger.seed == known.seed)
        var plain = RecommendationRequest(user: UserID("u1"))
        plain.policy = .fixed(.greedy)
        let greedy = try await engine.recommend(plain, id: "a", now: now)
        #expect(greedy.policy == "greedy" && greedy.seed == nil && greedy.items.allSatisfy { $0.propensity == 1 })
        // Lists of like items are no slates of chance.
        let similar = try await engine.recommend(
            RecommendationRequest(mode: .similarity, items: [ItemID("i1")]), id: "a", now: now)
        #expect(similar.policy == "greedy")
    }

    @Test func variantsHaveTheirPolicies() async throws {
        let (_, engine) = try await openShop("greedy") { configuration in
            configuration.experiment = try? Experiment(
                name: "dial",
                variants: [.init(name: "old", share: 1), .init(name: "new", share: 1, policy: "epsilon_greedy(0.5)")])
        }
        var seen: Set<String> = []
        for number in 0..<60 {
            let answer = try await engine.recommend(
                RecommendationRequest(user: UserID("u\(number)")), id: "\(number)", now: now)
            #expect(answer.policy == (answer.variant == "new" ? "epsilon_greedy(0.5)" : "greedy"))
            seen.insert(answer.policy)
        }
        #expect(seen.count == 2)
    }

    @Test(arguments: [
        "stochastic", "plackett_luce(2)+diversity(1)+temper(0.2)", "thompson(1)+quota(group,4)", "epsilon_greedy(0.4)",
    ])
    func loggedSlatesComeOutTheSameAgain(_ policy: String) async throws {
        let (stores, engine) = try await openShop(policy)
        try await engine.upsertItems(PlantedShop(users: 60, items: 60).catalog())
        for number in 0..<120 {
            var request = RecommendationRequest(user: UserID("u\(number % 70)"), limit: 1 + number % 20)
            request.offset = number % 3
            _ = try await engine.recommend(request, id: "r\(number)", now: now)
        }
        let logged = try await impressions(of: engine, stores)
        #expect(logged.count == 120 && logged.allSatisfy { $0.candidates != nil && $0.candidateHash != 0 })
        let report = try await SlateReplay(impressions: stores.impressions, models: stores.models).check()
        #expect(report.equal == 120 && report.differences == 0)
    }

    /// Items that join after training, and lists that nothing may stand in.
    @Test func slatesOfAGrownCatalogueComeOutTheSameAndEmptyOnesAreLeftOut() async throws {
        let (stores, engine) = try await openShop("plackett_luce(2)+diversity(1)+reserve(2,50)")
        try await engine.upsertItems(
            (0..<5).map {
                CatalogItem(id: ItemID("new\($0)"), attributes: ["group": "even", "text": "item of shelf 1"])
            })
        for number in 0..<60 {
            var request = RecommendationRequest(user: UserID("u\(number)"), limit: 12)
            if number == 7 { request.filter = .has(field: "nothing") }
            _ = try await engine.recommend(request, id: "r\(number)", now: now)
        }
        _ = try await impressions(of: engine, stores)
        let report = try await SlateReplay(impressions: stores.impressions, models: stores.models).check()
        #expect(report.equal == 60 && report.differences == 0)
        let pipeline = CounterfactualPipeline(impressions: stores.impressions, models: stores.models)
        let judged = try await pipeline.judge(try PolicyChoice("plackett_luce(2)+diversity(1)+reserve(2,50)"))
        #expect(judged.slates == 59 && judged.leftOut.refusals == 1 && judged.leftOut.otherReserves == 0)
        let logged = try await stores.impressions.page(after: 0, limit: 100).impressions
        #expect(logged.contains { ($0.candidates?.extras ?? 0) > 0 })
        let without = try await pipeline.judge(try PolicyChoice("plackett_luce(2)"))
        #expect(without.slates == 59 && without.leftOut.otherReserves == 59)
        // What the log does not hold cannot be judged by it.
        for text in ["thompson(1)", "plackett_luce(2)+quota(group,2)", "plackett_luce(2)+reserve(2,10)"] {
            let none = try await pipeline.judge(try PolicyChoice(text))
            #expect(none.slates == 0 && none.leftOut.refusals == 60)
        }
    }

    @Test func longListsOfIntegralsAreRefused() async throws {
        let (_, engine) = try await openShop()
        var request = RecommendationRequest(user: UserID("u1"), limit: 100)
        request.policy = try PolicyChoice("thompson(1)+diversity(1)")
        await #expect(throws: RecommendationError.self) { try await engine.recommend(request, id: "a", now: now) }
    }

    /// With a reserve the candidates are by chance, and what is chosen from them is not.
    @Test func slatesOfCertaintyBehindAReserveSayNothing() async throws {
        let (stores, engine) = try await openShop("greedy+reserve(2,50)")
        try await engine.upsertItems([CatalogItem(id: ItemID("fresh"), attributes: ["group": "even", "text": "item"])])
        for number in 0..<30 {
            var request = RecommendationRequest(user: UserID("u\(number)"))
            if number < 10 { request.policy = try PolicyChoice("plackett_luce(1)+reserve(2,50)") }
            _ = try await engine.recommend(request, id: "r\(number)", now: now)
        }
        _ = try await impressions(of: engine, stores)
        let report = try await CounterfactualPipeline(impressions: stores.impressions, models: stores.models).judge(
            try PolicyChoice("plackett_luce(1)+reserve(2,50)"))
        #expect(report.slates == 10 && report.leftOut.withoutCandidates == 20)
        #expect(report.estimates.allSatisfy { abs($0.meanWeight - 1) < 1e-9 })
    }

    /// A log that forgets a row between two readings.
    private final class ForgetfulLog: ImpressionLog {
        let held: any ImpressionLog
        let readings = Mutex(0)

        init(_ held: any ImpressionLog) { self.held = held }

        func page(
            after offset: Int64, limit: Int
        ) async throws(StorageError) -> (impressions: [Impression], nextOffset: Int64) {
            let reading = readings.withLock { readings in
                if offset == 0 { readings += 1 }
                return readings
            }
            let page = try await held.page(after: offset, limit: limit)
            return (Array(page.impressions.dropFirst(offset == 0 && reading > 1 ? 1 : 0)), page.nextOffset)
        }

        func append(_ impressions: [Impression]) async throws(StorageError) { try await held.append(impressions) }
        func append(outcomes: [Outcome]) async throws(StorageError) { try await held.append(outcomes: outcomes) }
        func outcomes(of recommendations: [String]) async throws(StorageError) -> [String: [Outcome]] {
            try await held.outcomes(of: recommendations)
        }
    }

    @Test func aLogThatLosesRowsWhileItIsReadIsToldAndNotMistaken() async throws {
        let (stores, engine) = try await openShop("plackett_luce(1)")
        for number in 0..<5 {
            _ = try await engine.recommend(RecommendationRequest(user: UserID("u1")), id: "r\(number)", now: now)
        }
        _ = try await impressions(of: engine, stores)
        let pipeline = CounterfactualPipeline(
            impressions: ForgetfulLog(stores.impressions), models: stores.models)
        let error = await #expect(throws: StorageError.self) { try await pipeline.judge(.fixed(.greedy)) }
        #expect(error?.code == .conflict)
    }

    @Test func policiesThatWouldDoNothingAreRefused() async throws {
        let (_, engine) = try await openShop()
        try await engine.upsertItems(PlantedShop(users: 60, items: 60).catalog())
        for (text, items, mode) in [
            ("plackett_luce(1)", ["i1"], RecommendationMode.similarity), ("stochastic", ["i1", "i2"], .crossSell),
            ("plackett_luce(1)", ["i1"], .auto),
            ("greedy+quota(grup,2)", [], .auto),
        ] {
            var request = RecommendationRequest(user: UserID("u1"), mode: mode, items: items.map(ItemID.init))
            request.policy = try PolicyChoice(text)
            let error = await #expect(throws: RecommendationError.self) {
                try await engine.recommend(request, id: "a", now: now)
            }
            guard case .invalidRequest(let field, _) = error else {
                Issue.record("\(String(describing: error))")
                continue
            }
            #expect(field == "policy")
        }
        for (text, items, mode) in [
            ("greedy", ["i1"], RecommendationMode.similarity), ("greedy+quota(group,2)", [], .auto),
        ] {
            var request = RecommendationRequest(user: UserID("u1"), mode: mode, items: items.map(ItemID.init))
            request.policy = try PolicyChoice(text)
            #expect(try await !engine.recommend(request, id: "a", now: now).items.isEmpty)
        }
    }

    /// Two policies from one reading of the log, with events of clients that mix up their answers.
    @Test func policiesAreJudgedTogetherAndStrayEventsAreTold() async throws {
        let (stores, engine) = try await openShop("plackett_luce(1.5)")
        for number in 0..<200 {
            let request = RecommendationRequest(user: UserID("u\(number % 60)"), limit: 3)
            let answer = try await engine.recommend(request, id: "r\(number)", now: now)
            let first = try #require(answer.items.first)
            try await engine.record([
                try Interaction(
                    event: EventID("e\(number)"), user: UserID("judge"),
                    item: number % 4 == 0 ? ItemID("never shown") : first.item, kind: .click, timestamp: now,
                    recommendation: answer.id)
            ])
        }
        _ = try await impressions(of: engine, stores)
        try await stores.impressions.append(outcomes: stores.log.events.compactMap { Outcome($0) })
        var options = CounterfactualPipeline.Options()
        options.rewards = [.click: 1]
        let pipeline = CounterfactualPipeline(
            impressions: stores.impressions, models: stores.models, options: options)
        let choices = [try PolicyChoice("plackett_luce(1.5)"), .fixed(.greedy)]
        let both = try await pipeline.judge(choices)
        #expect(both.map(\.policy) == ["plackett_luce(1.5)", "greedy"])
        #expect(both[0].leftOut.strayEvents == 50 && abs(both[0].logged - 0.75) < 1e-9)
        #expect(both[0].best?.estimator == .cascadeDR)
        for (choice, together) in zip(choices, both) {
            let alone = try await pipeline.judge(choice)
            #expect(alone.estimates == together.estimates)
        }
    }

    @Test func aChangedLogIsFound() async throws {
        let (stores, engine) = try await openShop("plackett_luce(2)")
        for number in 0..<3 {
            _ = try await engine.recommend(RecommendationRequest(user: UserID("u1")), id: "r\(number)", now: now)
        }
        let logged = try await impressions(of: engine, stores)
        func changed(
            _ one: Impression, seed: UInt64? = nil, items: [ItemID]? = nil, logs: [Double]? = nil, policy: String? = nil
        ) -> Impression {
            Impression(
                recommendation: "x" + one.recommendation + (policy ?? ""), user: one.user,
                modelVersion: one.modelVersion, policy: policy ?? one.policy, mode: one.mode, timestamp: one.timestamp,
                seed: seed ?? one.seed, items: items ?? one.items, logPropensities: logs ?? one.logPropensities,
                offset: one.offset, length: one.length, candidateHash: one.candidateHash, candidates: one.candidates)
        }
        let other = InMemoryImpressionLog()
        try await other.append([
            changed(logged[0], seed: logged[0].seed &+ 1), changed(logged[1], items: logged[1].items.reversed()),
            changed(logged[2], logs: logged[2].logPropensities.map { $0 - 1e-15 }),
            changed(logged[0], policy: "no policy"), changed(logged[0], policy: "plackett_luce(1)"), logged[0],
        ])
        let report = try await SlateReplay(impressions: other, models: stores.models).check()
        #expect(report.equal == 1 && report.differences == 5 && report.different.count == 5)
    }

    @Test func newItemsHaveTheirPlaceUntilTheyWereSeen() async throws {
        let (_, engine) = try await openShop("greedy+reserve(3,20)")
        try await engine.upsertItems([CatalogItem(id: ItemID("fresh"), attributes: ["group": "even", "text": "item"])])
        var shown = 0
        for number in 0..<200 {
            let answer = try await engine.recommend(
                RecommendationRequest(user: UserID("u\(number % 60)"), limit: 5), id: "\(number)", now: now)
            if let place = answer.items.first(where: { $0.item == ItemID("fresh") }) {
                shown += 1
                #expect(place.rank == 3)
            }
            if shown < 20 { #expect(answer.items.count == 5) }
        }
        #expect(shown >= 20 && shown < 40)
    }

    /// Clicks that depend on the item alone: what greedy would have earned is known without an estimate.
    @Test func theLogTellsWhatAnotherPolicyWouldHaveEarned() async throws {
        let (stores, engine) = try await openShop("plackett_luce(1.5)")
        func isLiked(_ item: ItemID, _ user: Int) -> Bool {
            ((Int(item.rawValue.dropFirst()) ?? 0) + user) % 2 == 0 && (Int(item.rawValue.dropFirst()) ?? 0) % 6 < 3
        }
        // Nearer to the best than the log, and what it earns itself is measured.
        let judged = "plackett_luce(1.1)"
        let (_, other) = try await openShop(judged)
        var truth = 0.0
        let slates = 900
        for number in 0..<slates {
            let user = number % 60
            let request = RecommendationRequest(user: UserID("u\(user)"), limit: 3)
            let answer = try await engine.recommend(request, id: "r\(number)", now: now)
            try await engine.record(
                answer.items.filter { isLiked($0.item, user) }.map { place in
                    try Interaction(
                        event: EventID("e\(number).\(place.rank)"), user: UserID("judge"), item: place.item,
                        kind: .click, timestamp: now, recommendation: answer.id)
                })
            truth += Double(
                try await other.recommend(request, id: "g\(number)", now: now).items.count { isLiked($0.item, user) })
        }
        _ = try await impressions(of: engine, stores)
        try await stores.impressions.append(outcomes: stores.log.events.compactMap { Outcome($0) })
        var options = CounterfactualPipeline.Options()
        options.rewards = [.click: 1]
        let pipeline = CounterfactualPipeline(
            impressions: stores.impressions, models: stores.models, options: options)
        let report = try await pipeline.judge(try PolicyChoice(judged))
        #expect(report.slates == slates && report.leftOut.withoutCandidates == 0 && report.leftOut.refused.isEmpty)
        let own = try await pipeline.judge(try PolicyChoice("plackett_luce(1.5)"))
        for estimate in own.estimates where estimate.estimator != .dm {
            // Weights of 1: the log's own mean.
            #expect(estimate.refusal == nil && abs((estimate.value ?? 0) - own.logged) < 0.02)
        }
        for estimate in report.estimates where [.snips, .dr, .rips, .cascadeDR].contains(estimate.estimator) {
            let interval = try #require(estimate.interval)
            let slack = (interval.high - interval.low) / 2
            #expect(estimate.refusal == nil)
            #expect((interval.low - slack...interval.high + slack).contains(truth / Double(slates)))
        }
    }

    @Test func aLogOfCertaintiesSaysNothing() async throws {
        let (stores, engine) = try await openShop("greedy")
        _ = try await engine.recommend(RecommendationRequest(user: UserID("u1")), id: "1", now: now)
        _ = try await impressions(of: engine, stores)
        let report = try await CounterfactualPipeline(impressions: stores.impressions, models: stores.models).judge(
            .stochastic)
        #expect(report.slates == 0 && report.leftOut.withoutCandidates == 1)
        #expect(report.estimates.allSatisfy { $0.refusal != nil && $0.value == nil })
    }
}
