// The listings of the article Testing with fakes, word for word: a shop's code, and a suite that runs as it stands there.
import RecCore
import RecTesting
import Testing

// Listing begins: what a shop might have
/// What a product's page shows beside the product.
struct ProductPage {
    let engine: RecommendationEngine

    /// Items like this one; none when there is no answer: the page is shown without them.
    func shelf(beside item: ItemID, for visitor: UserID, answer id: String, now: Timestamp) async -> [ItemID] {
        let request = RecommendationRequest(user: visitor, mode: .similarity, items: [item], limit: 4)
        guard let answer = try? await engine.recommend(request, id: id, now: now) else { return [] }
        return answer.items.map(\.item)
    }

    /// Tells the engine that the visitor looks at the item; tries again once when a store did not answer.
    func seen(_ view: Interaction) async throws {
        do {
            try await engine.record([view])
        } catch let failure where failure.isRetryable {
            try await engine.record([view])
        }
    }
}
// Listing ends

// Listing begins: a suite
@Suite struct ProductPageTests {
    private let stores = InMemoryStores()
    private let clock = ManualClock(start: PlantedShop().end)
    private let visitor = UserID("somebody new")

    /// A page on an engine that serves a model of the planted shop.
    private func page() async throws -> ProductPage {
        try await stores.catalog.upsert(PlantedShop().catalog())
        try await stores.models.publish(try PlantedShop().snapshot("v1"))
        let engine = stores.engine()
        try await engine.reload()
        return ProductPage(engine: engine)
    }

    private func view(of item: String) throws -> Interaction {
        try Interaction(
            event: EventID("view of \(item)"), user: visitor, item: ItemID(item), kind: .view,
            timestamp: clock.timestamp)
    }

    @Test func shelfHoldsItemsOfTheSameTaste() async throws {
        let page = try await page()

        let shelf = await page.shelf(beside: ItemID("i4"), for: visitor, answer: "a1", now: clock.timestamp)

        let even = Set((0..<20).filter { $0.isMultiple(of: 2) }.map { ItemID("i\($0)") })
        #expect(shelf.count == 4)
        #expect(Set(shelf).isSubset(of: even.subtracting([ItemID("i4")])))
    }

    @Test func pageIsShownWithoutAModel() async throws {
        let page = ProductPage(engine: stores.engine())

        #expect(await page.shelf(beside: ItemID("i4"), for: visitor, answer: "a1", now: clock.timestamp) == [])
    }

    @Test func lostWindowsCostTheVisitNotTheShelf() async throws {
        let page = try await page()
        stores.faults.fail("sessions.states", .timeout)

        let shelf = await page.shelf(beside: ItemID("i4"), for: visitor, answer: "a1", now: clock.timestamp)

        #expect(shelf.count == 4)
        #expect(stores.faults.calls(of: "sessions.states") == 1)
    }

    @Test func aViewWhoseAnswerIsLostCountsOnce() async throws {
        let page = try await page()
        stores.faults.fail("log.append", .timeout, moment: .afterEffect)

        try await page.seen(try view(of: "i4"))

        #expect(stores.log.events.count == 2)  // at least once
        #expect(try await page.engine.window(of: visitor).interactions.count == 1)  // exactly once
    }

    @Test func ageOfAVisitIsMeasuredByTheClockOfTheTest() async throws {
        let page = try await page()
        try await page.seen(try view(of: "i4"))

        clock.advance(by: .seconds(3600))

        let newest = try await page.engine.window(of: visitor).interactions.first?.timestamp
        #expect(newest?.advanced(byDays: 1.0 / 24) == clock.timestamp)
    }

    @Test func aFeedGivesUpWhenItsTimeIsOver() async throws {
        let feed = stores.log.feed(group: "mail", clock: clock)

        async let batch = feed.nextBatch(atMost: 10, within: .seconds(30))
        while clock.sleeperCount == 0 { await Task.yield() }
        clock.advance(by: .seconds(30))

        #expect(try await batch == nil)
    }
}
// Listing ends
