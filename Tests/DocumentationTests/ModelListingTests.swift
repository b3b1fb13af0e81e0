// What the listings of four articles do: GettingStarted, TheInteractionMatrix, AlternatingLeastSquares, HybridModelAndColdItems.
import Foundation
import RecCore
import RecTesting
import Testing

@Suite struct GettingStartedListingTests {
    /// One training for all tests.
    private static let parts = Task { try await GettingStarted.run() }

    @Test func ranksTeaForWhoeverDrinksTea() async throws {
        let parts = try await Self.parts.value

        #expect(parts.model.history.users.count == 6)
        #expect(parts.model.history.items.count == 8)
        #expect(parts.model.history.eventCount == 60)
        #expect(Set(parts.rank()) == ["tea-0", "tea-1", "tea-2", "tea-3"])
    }

    @Test func answerKnowsTheEventThatCameBeforeIt() async throws {
        let folder = FileManager.default.temporaryDirectory.path + "/getting-started-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }

        let (before, after) = try await Self.parts.value.serve(folder: folder)

        #expect(before.mode == .coldStart && before.window?.events == 0)
        #expect(after.mode != .coldStart && after.window?.events == 1)
        #expect(after.items.allSatisfy { $0.item.rawValue.hasPrefix("coffee-") })
    }

    @Test func judgesTheModelNextToBaselines() async throws {
        let report = try await Self.parts.value.judge()

        let model = try #require(report.rows.first?.metrics["MAP@12"])
        #expect(report.rows.count > 3 && (0...1).contains(model))
    }
}

@Suite struct InteractionMatrixListingTests {
    @Test func historySumsKindsAndListsItemsWithoutEvents() throws {
        let (history, lines) = try historyListing()

        // A purchase and a view are 1.2 events: 1 + ln 1.2. A cart is 0.6.
        #expect(lines.count == 2)
        #expect(lines.first?.hasPrefix("anna tea 1.182") == true)
        #expect(lines.last == "ben mug 0.6")
        #expect(history.items.row(of: "pot").map { history.itemEvents[$0] } == 0)
        #expect(history.unknownItems.isEmpty)
    }

    @Test func confidenceHalvesWithAgeAndGrowsWithTheLogarithm() {
        let values = confidenceListing()

        // 1e-6: Float32 of numbers near 1.
        #expect(zip(values, [0.5, 1, 1.405_465]).allSatisfy { abs($0 - $1) < 1e-6 })
    }

    @Test func transposeHoldsTheSameEntries() {
        let (matrix, turned) = matrixListing()

        #expect(turned.entryCount == matrix.entryCount && turned.rows == 3)
        #expect(Array(turned.offsets) == [0, 1, 1, 3])
        #expect(Array(turned.values) == [1, 0.5, 1])
    }

    @Test func cutAsksForTheLastDaysAndLearnsFromTheRest() throws {
        var builder = HistoryBuilder()
        for event in try PlantedShop().interactions() { builder.add(event) }

        let (split, past) = splitListing(builder)

        #expect(split.cut != nil && !split.test.isEmpty)
        #expect(past.eventCount == split.isTraining.count { $0 } && past.eventCount < builder.eventCount)
        #expect(past.users.count == 40)
    }
}

@Suite struct AlternatingLeastSquaresListingTests {
    private let history: InteractionHistory
    private let catalogue: [CatalogItem]

    init() throws {
        let shop = PlantedShop()
        var builder = HistoryBuilder()
        for event in try shop.interactions() { builder.add(event) }
        history = builder.build()
        catalogue = shop.catalog()
    }

    @Test func settingsOfOtherLibrariesAreScaled() throws {
        let settings = try settingsListing()

        #expect(abs(settings.unobservedWeight - 0.025641) < 1e-6 && abs(settings.regularization - 0.025641) < 1e-6)
    }

    @Test func lossFallsFromSweepToSweep() throws {
        let (result, losses) = try fitListing(history)

        #expect(losses.count == result.sweeps && losses.count >= 3)
        // 1e-4 of the loss: each half-sweep is exact up to Float32, and so is the last digit of the sums.
        #expect(zip(losses, losses.dropFirst()).allSatisfy { $1 <= $0 * 1.0001 })
    }

    @Test func factorsFindTheGroupThatWasPlanted() throws {
        let factors = try fitListing(history).result.factors

        let names = scoreListing(history, factors)

        #expect(names.count == 5)
        #expect(names.allSatisfy { (Int($0.dropFirst()) ?? 0) % 2 == 1 })
    }

    @Test func foldInOfATrainingRowGivesTheTrainedFactors() throws {
        let settings = try ALSConfiguration(
            dimension: 8, unobservedWeight: 0.1, regularization: 0.01, frequencyScaling: 1, sweeps: 10)
        let factors = try fitListing(history).result.factors

        let (again, guest) = try #require(foldInListing(history, factors, settings))

        // 1e-4: Float32 sums over the basis of the half-sweep and that of the fold-in.
        #expect(zip(again, factors.users[row: 0]).allSatisfy { abs($0 - $1) < 1e-4 })
        #expect(guest.count == 8 && guest.allSatisfy(\.isFinite))
    }

    @Test func featuresGiveAPriorOfTheirOwnSize() throws {
        var attributes: [String: [String: String]] = [:]
        for item in catalogue { attributes[item.id.rawValue] = item.attributes }

        let result = try sideListing(
            history, (0..<history.items.count).map { attributes[history.items.name(of: $0)] ?? [:] })

        let prior = try #require(result.itemPrior)
        #expect(prior.matrix.columns == 8 && prior.matrix.rows > 0 && result.userPrior == nil)
    }
}

/// Two kinds of goods, two kinds of customers. Day by day one item of each kind is launched and sold for four days; the catalogue
/// knows tomorrow's as well.
private func launchingShop() throws -> (events: [Interaction], catalogue: [CatalogItem], end: Timestamp) {
    let start = Timestamp(milliseconds: 1_760_313_600_000)
    var generator = SplitMix64(seed: 3)
    var events: [Interaction] = []
    for day in 0..<16 {
        for user in 0..<40 {
            let number = max(0, day - Int.random(in: 0..<4, using: &generator))
            events.append(
                try Interaction(
                    user: UserID("u\(user)"), item: ItemID("\(user % 2 == 0 ? "tea" : "mug")-\(number)"),
                    kind: .purchase,
                    timestamp: start.advanced(byDays: Double(day))))
        }
    }
    let catalogue = (0..<17).flatMap { number in
        ["tea", "mug"].map {
            CatalogItem(
                id: ItemID("\($0)-\(number)"), attributes: ["sort": $0, "text": "\($0) of season \(number % 4)"])
        }
    }
    return (events, catalogue, start.advanced(byDays: 16))
}

@Suite struct HybridModelListingTests {
    /// One training for all tests; u1 takes mugs.
    private static let trained = Task {
        let shop = try launchingShop()
        return try await coldItemListing(shop.events, shop.catalogue, now: shop.end)
    }

    @Test func rareAndCommonFeaturesAreLeftOut() {
        let (features, row) = featuresListing()

        let names = (0..<features.vocabulary.count).map { features.vocabulary.name(of: $0) }
        #expect(
            names == ["colour=blue", "colour=red", "word:blue", "word:red", "word:shirt", "word:summer", "word:winter"])
        let length = row.reduce(0) { $0 + $1.value * $1.value }
        #expect(abs(length - 1) < 1e-6)
        #expect(row.map { features.vocabulary.name(of: Int($0.column)) } == ["colour=red", "word:red", "word:summer"])
    }

    @Test func itemWithoutEventsIsRankedAmongTheOthers() async throws {
        let (model, ranking) = try await Self.trained.value

        let cold = try #require(model.history.items.row(of: "mug-16"))
        #expect(model.history.itemEvents[cold] == 0)
        #expect(model.factors.items[row: cold].contains { $0 != 0 })
        #expect(ranking.prefix(3).contains { $0.item == cold && $0.mainChannel == .newItem })
    }

    @Test func weightOfNewnessLiftsTheColdItems() async throws {
        let (model, _) = try await Self.trained.value

        let lifted = weightsListing(model, model.evidence(of: UserID("u1"), events: []))

        #expect(lifted.prefix(2).allSatisfy { model.history.itemEvents[$0.item] == 0 })
    }

    @Test func addedItemHasTheFactorsOfItsFeatures() async throws {
        let model = try await Self.trained.value.model

        let (grown, alike) = try addedItemListing(model)

        let row = try #require(grown.history.items.row(of: "mug-17"))
        #expect(grown.history.items.count == model.history.items.count + 1 && grown.version == model.version)
        #expect(alike == grown.factors.items[row: row])
    }

    @Test func bothSumsOfAnExplanationGiveTheScore() async throws {
        let (model, ranking) = try await Self.trained.value

        let reasons = explanationListing(model, model.evidence(of: UserID("u1"), events: []), ranking)

        #expect(reasons.count == ranking.count)
        for why in reasons {
            // 1e-9: sums of a few tens of Float64.
            #expect(abs(why.channels.values.reduce(0, +) - why.score) < 1e-9)
            #expect(abs(why.past.reduce(why.withoutPast) { $0 + $1.value } - why.score) < 1e-9)
        }
    }

    @Test func strangersGetWhatSells() async throws {
        let model = try await Self.trained.value.model

        let ranking = strangerListing(model)

        #expect(ranking.count == 5)
        #expect(ranking.allSatisfy { $0.mainChannel == .popular })
    }
}
