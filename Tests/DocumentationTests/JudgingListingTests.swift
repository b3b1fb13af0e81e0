// The listings of the articles on search, policies and judging, run.
import RecCore
import RecTesting
import Testing

@Suite struct JudgingListingTests {
    private let shop = PlantedShop()

    /// An engine with the model and the catalogue of the planted shop.
    private func openShop() async throws -> (InMemoryStores, RecommendationEngine) {
        let stores = InMemoryStores()
        let engine = stores.engine()
        try await stores.models.publish(try shop.snapshot("v1"))
        try await engine.reload()
        try await engine.upsertItems(shop.catalog())
        return (stores, engine)
    }

    // MARK: - Search

    /// 1e-4: Float32 sums of 16 products below 16. The tenth and the eleventh score are .37 apart, the nearest two of the list .005.
    @Test func theSearchFindsWhatScoringEveryRowFinds() {
        let result = searchListing()

        #expect(result.found.map(\.row) == [1900, 51, 1600, 700, 500, 0, 551, 1352, 1750, 150])
        #expect(result.found.map(\.row) == result.expected.map(\.row))
        #expect(zip(result.found, result.expected).allSatisfy { abs($0.score - $1.score) < 1e-4 })
        #expect(result.work.coded < 400 && result.work.scored < 60)
        #expect(result.open.map(\.row) == [1900, 1600, 700, 500, 551, 1352, 1750, 1853, 1951, 650])
        #expect(result.lists.count == 8 && result.lists.allSatisfy { $0.count == 10 })
        #expect(result.lists.enumerated().allSatisfy { number, list in !list.contains { $0.row == number } })
    }

    @Test func similarItemsAreOfTheSameGroup() throws {
        let names = similarItemsListing(model: try shop.snapshot("v1"))

        #expect(names.count == 3 && !names.contains("i4"))
        #expect(names.allSatisfy { (Int($0.dropFirst()) ?? 1) % 2 == 0 })
    }

    @Test func wordsFindItemsAsThePageSays() {
        let result = textListing()

        #expect(result.typed.rows.map(\.row) == [1, 0, 2] && result.typed.total == 3)
        #expect(result.typed.terms == ["black", "ski", "skirt"])
        #expect(result.misspelt == [1] && result.admitted == [0, 2])
    }

    /// 1e-5: Float32 cosines of four features.
    @Test func aNewItemStandsBesideThoseDescribedAlike() throws {
        let alike = alikeListing()

        #expect(alike.count == 2)
        #expect(abs(try #require(alike[0]) - 1) < 1e-5)
        // ln 2 for a dress, ln 1.5 for black, ln 3 for red.
        #expect(abs(try #require(alike[1]) - 0.212139) < 1e-5)
    }

    @Test func aBrowserFindsByWordsAndByLikeness() async throws {
        let (_, engine) = try await openShop()

        let (found, around) = try await browserListing(engine: engine, now: shop.end)

        #expect(found.total == 5 && found.items.count == 3 && found.terms == ["shelf", "2"])
        let surroundings = try #require(around)
        #expect(surroundings.isPlaced && surroundings.taste.count == 3 && surroundings.content.count == 3)
        #expect(surroundings.content.allSatisfy { abs($0.score - 1) < 1e-5 })
    }

    // MARK: - Policies

    /// 1e-7: the scores are Float32.
    @Test func theLawIsThatOfTheWeights() {
        let result = lawListing()

        for (value, expected) in zip(result.first, [0.4, 0.3, 0.2, 0.1]) { #expect(abs(value - expected) < 1e-7) }
        for (value, expected) in zip(result.second, [0, 1.0 / 2, 1.0 / 3, 1.0 / 6]) {
            #expect(abs(value - expected) < 1e-7)
        }
        #expect(result.slate.places.count == 3 && result.slate.logPropensities == result.again)
    }

    @Test func policiesAreWrittenAsTheyAreRead() throws {
        let result = try grammarListing()

        #expect(result.written.choice == .plackettLuce(temperature: 0.2) && result.written.temper == 0.1)
        #expect(result.written.reserve == .init(place: 4, floor: 50) && !result.written.isDeterministic)
        #expect(result.text == "plackett_luce(0.2)+temper(0.1)+diversity(0.5)+quota(kind,1)")
        #expect(result.refusal.hasSuffix("has a part that is none of temper, diversity, quota, reserve"))
    }

    @Test func rulesOfTheSlateDoWhatThePageSays() throws {
        let slates = try rulesListing()

        #expect(slates["greedy"] == ["tea", "green tea", "coffee"])
        #expect(slates["greedy+temper(1)"] == ["tea", "espresso", "green tea"])
        #expect(slates["greedy+quota(kind,1)"] == ["tea", "coffee", "water"])
        #expect(slates["greedy+diversity(2)"] == ["tea", "coffee", "green tea"])
        #expect(slates["greedy+reserve(2,50)"] == ["tea", "mate", "green tea"])
    }

    @Test func aModelDrawsItsOwnSlate() throws {
        let model = try shop.snapshot("v1")

        let slate = modelSlateListing(model: model)

        #expect(slate.items.count == 5 && Set(slate.items.map(\.item)).count == 5)
        #expect(slate.logPropensities.count == 5 && slate.logPropensities.allSatisfy { $0 <= 0 && $0.isFinite })
        #expect(slate.rows.count == slate.candidates.count)
    }

    @Test func whatIsLoggedMakesTheSlateAgain() async throws {
        let (stores, engine) = try await openShop()

        let (answer, shown, again) = try await slateLogListing(
            engine: engine, impressions: stores.impressions, now: shop.end)

        let logged = try #require(shown)
        #expect(answer.items.count == 5 && logged.items == answer.items.map(\.item))
        #expect(answer.items.allSatisfy { $0.propensity > 0 && $0.propensity <= 1 })
        #expect(again?.logPropensities == logged.logPropensities)
    }

    // MARK: - Judging

    /// 1e-12: Double; 1e-6 where the expectation has as many digits.
    @Test func metricsAreThoseOfThePage() {
        let result = metricsListing()

        #expect(abs(result.single[0] - 5.0 / 9) < 1e-12 && abs(result.single[1] - 2.0 / 3) < 1e-12)
        #expect(abs(result.single[2] - 0.703918) < 1e-6)
        #expect(result.users == 2)
        #expect(abs((result.means["MAP@12"] ?? 0) - 5.0 / 18) < 1e-12 && result.means["Coverage@12"] == 0.5)
        #expect(abs((result.means["Novelty@12"] ?? 0) - 2.529447) < 1e-6)
    }

    @Test func windowsStandOneBehindTheOther() throws {
        let (split, folds) = splitListing(events: try shop.interactions())

        // Twelve days of forty events: ten to learn from, two to judge by.
        #expect(split.isTraining.count { $0 } == 400 && split.test.count == 40)
        #expect(split.cut == Timestamp(milliseconds: 18_010 * Timestamp.millisecondsPerDay))
        #expect(
            folds.compactMap(\.cut).map { $0.milliseconds / Timestamp.millisecondsPerDay } == [18_010, 18_008, 18_006])
        #expect(folds.map { fold in fold.isTraining.count { $0 } } == [400, 320, 240])
    }

    @Test func aModelIsJudgedNextToItsBaselines() async throws {
        let shop = PlantedShop(users: 24, items: 12, days: 12)

        let (report, figures) = try await evaluateListing(events: try shop.interactions(), now: shop.end)

        #expect(report.folds.count == 2 && report.folds.allSatisfy { $0.users == 24 })
        #expect(report.rows.first?.name == "hybrid model" && report.rows.first?.lead == nil)
        let random = try #require(report.rows.first { $0.name == Baselines.Name.random.rawValue })
        // Half of the items are of the other group.
        #expect(try #require(random.lead) > 0 && random.leadInterval != nil)
        #expect(figures.map(\.policy.text) == ["greedy", "greedy+temper(0.3)", "plackett_luce(0.5)"])
        for row in figures {
            let interval = try #require(row.map12Interval)
            #expect((interval.low...interval.high).contains(row.map12) && (0...1).contains(row.coverage))
        }
    }

    /// The numbers of plain estimators are those of a program of its own with the same draws, written down with ten digits: 1e-6.
    @Test func theLogTellsWhatAnotherPolicyWouldEarn() async throws {
        let stores = InMemoryStores()
        let result = try await counterfactualListing(
            impressions: stores.impressions, models: stores.models, version: try #require(ModelVersion("v1")),
            now: shop.end)

        #expect(abs(result.truth - 0.4368056066) < 1e-6)
        func value(_ estimates: [OffPolicyEstimate], _ estimator: OffPolicyEstimator) throws -> Double {
            try #require(estimates.first { $0.estimator == estimator }?.value)
        }
        #expect(abs(try value(result.plain, .ips) - 0.4268453360) < 1e-6)
        #expect(abs(try value(result.plain, .snips) - 0.4248624921) < 1e-6)
        #expect(abs(try value(result.plain, .rips) - 0.4537873731) < 1e-6)
        for estimate in result.plain + result.modelled.filter({ $0.estimator != .dm }) {
            let interval = try #require(estimate.interval)
            #expect(estimate.refusal == nil && (interval.low...interval.high).contains(result.truth))
        }
        #expect(abs(result.plain[0].effectiveSampleSize - 278.743938) < 1e-4)
        #expect(result.far.refusal == .effectiveSampleSize(result.far.effectiveSampleSize, slates: 800, place: nil))
        #expect(abs(result.far.effectiveSampleSize - 19) < 1e-6)

        // The pipeline reads the same from the log.
        #expect(result.report.slates == 800 && result.report.leftOut.refusals == 0)
        #expect(abs(result.report.logged - 0.27875) < 1e-6)
        let plain = try value(result.plain, .snips)
        #expect(abs(try value(result.report.estimates, .snips) - plain) < 1e-12)
        #expect(result.report.best?.estimator == .cascadeDR)
        #expect(result.replay.equal == 800 && result.replay.differences == 0)
    }

    /// 1e-6: Float32 scores; the numbers of obp 0.4.1 are those of `OffPolicySlateTests`.
    @Test func marginalsByEnumerationGiveTheNumbersOfOpenBanditPipeline() throws {
        let estimates = try marginalListing()

        for (estimate, expected) in zip(estimates, [0.35019841, 1.12152080, 0.37574405]) {
            #expect(abs(try #require(estimate.value) - expected) < 1e-6)
            // Four slates are no log: the value is told, and must not be believed.
            #expect(estimate.refusal != nil)
        }
    }
}
