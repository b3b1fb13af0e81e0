// Looking around in a planted shop.
import RecCore
import RecTesting
import Testing

@Suite struct CatalogueBrowserTests {
    private let now = PlantedShop().end

    /// The planted shop with a described catalogue, and a customer of whom the directory knows something.
    private func open() async throws -> (stores: InMemoryStores, engine: RecommendationEngine, CatalogueBrowser) {
        let (stores, engine) = try await openShop()
        try await engine.upsertItems(
            PlantedShop().catalog().map { item in
                let attributes: [String: String] = [
                    "prod_name": "Thing \(item.id.rawValue)", "department": item.attributes["group"] ?? "",
                    "colour": "red", "detail_desc": "A long text about shelf \(item.id.rawValue) and all that is on it",
                ]
                return CatalogItem(id: item.id, attributes: attributes)
            })
        try await engine.upsertUsers([UserProfile(id: UserID("u77"), attributes: ["age": "30"])])
        return (stores, engine, CatalogueBrowser(engine: engine))
    }

    @Test func overviewTellsSizesPartsAndExamples() async throws {
        let (_, _, browser) = try await open()
        let shop = try await browser.shop()
        #expect(shop.items == 20 && shop.customers == 40 && shop.events == 480)
        #expect(shop.departments.map(\.name).sorted() == ["even", "odd"])
        #expect(shop.departments.map(\.items) == [10, 10])
        #expect(!shop.examples.isEmpty && shop.examples.allSatisfy { $0.events > 0 && $0.last != nil })
        #expect(shop.roles.name == "prod_name" && shop.roles.department == "department")
        #expect(shop.roles.text == "detail_desc" && shop.roles.colour == "colour" && shop.roles.price == nil)
    }

    @Test func withoutAModelThereIsNothingToSee() async {
        let browser = CatalogueBrowser(engine: InMemoryStores().engine())
        await #expect(throws: RecommendationError.noModel) { try await browser.shop() }
    }

    @Test func customerIsShownWithThePastNewestFirst() async throws {
        let (_, _, browser) = try await open()
        let view = try await browser.customer(UserID("u2"), limit: 3)
        #expect(view.isKnown && view.events == 12 && view.taken.count == 3)
        #expect(view.taken.map(\.last) == view.taken.map(\.last).sorted(by: >))
        #expect(view.taken.allSatisfy { $0.item.department == "even" && $0.item.name.hasPrefix("Thing i") })
        let stranger = try await browser.customer(UserID("nobody"), limit: 3)
        #expect(!stranger.isKnown && stranger.taken.isEmpty)
    }

    @Test func customersAreFoundByTheirIdAndByItsBeginning() async throws {
        let (_, _, browser) = try await open()
        let exact = try await browser.customers(beginning: "u3", limit: 5)
        #expect(exact.map(\.id.rawValue) == ["u3"] && exact.first?.events == 12)
        let profile = try await browser.customers(beginning: "u7", limit: 5)
        #expect(profile.map(\.id.rawValue) == ["u7", "u77"] && profile.last?.events == 0)
        let none = try await browser.customers(beginning: "zzz", limit: 5)
        #expect(none.isEmpty)
    }

    @Test func itemsNearByTasteAreOfTheSameGroup() async throws {
        let (_, _, browser) = try await open()
        let found = try await browser.surroundings(of: ItemID("i4"), limit: 5)
        let near = try #require(found)
        #expect(near.taste.count == 5)
        #expect(near.taste.allSatisfy { $0.item.department == "even" && $0.score > 0.5 && $0.item.id.rawValue != "i4" })
        #expect(near.content.allSatisfy { $0.item.id.rawValue != "i4" && $0.score > 0 })
        #expect(near.content.map(\.score) == near.content.map(\.score).sorted(by: >))
        let unknown = try await browser.surroundings(of: ItemID("zzz"), limit: 5)
        #expect(unknown == nil)
    }

    @Test func itemsAreFoundByWordsButNotHiddenOnes() async throws {
        let (_, engine, browser) = try await open()
        let found = try await browser.search("thing i7", limit: 3, now: now)
        #expect(found.items.first?.id.rawValue == "i7")
        try await engine.upsertItems([CatalogItem(id: ItemID("i7"), attributes: ["prod_name": "x"], isHidden: true)])
        let hidden = try await browser.search("thing i7", limit: 30, now: now.advanced(byDays: 1))
        #expect(!hidden.items.contains { $0.id.rawValue == "i7" })
    }

    @Test func addedItemIsFoundAfterTheTimeOfPatience() async throws {
        let (_, engine, browser) = try await open()
        _ = try await browser.search("thing", limit: 3, now: now)
        try await engine.upsertItems([
            CatalogItem(id: ItemID("new"), attributes: ["prod_name": "Umbrella", "department": "odd"])
        ])
        let early = try await browser.search("umbrella", limit: 3, now: now)
        #expect(early.items.isEmpty)
        // The first search afterwards begins a new index and does not wait for it.
        _ = try await browser.search("umbrella", limit: 3, now: now.advanced(byDays: 1))
        await browser.prepared()
        let later = try await browser.search("umbrella", limit: 3, now: now.advanced(byDays: 1))
        #expect(later.items.map(\.id.rawValue) == ["new"])
    }

    @Test func mapHasAPointForEachItemWithFactors() async throws {
        let (_, _, browser) = try await open()
        _ = try await browser.drawnMap()
        await browser.prepared()
        var points: MapPoints?
        if case .drawn(let drawn) = try await browser.drawnMap() { points = drawn }
        let map = try #require(points)
        #expect(map.count == 20 && map.departments.count == 20)
        #expect(map.x.allSatisfy { (0...1).contains($0) } && map.y.allSatisfy { (0...1).contains($0) })
        #expect(Set(map.departments) == [0, 1] && map.departmentNames.count == 2)
        let other = try await browser.items(atPoints: [0], ofMap: "another")
        #expect(other == nil)
        let items = try #require(try await browser.items(atPoints: [0, 19, 20], ofMap: map.id))
        #expect(items[0] != nil && items[1] != nil && items[2] == nil)
        let last = try #require(items[1])
        let near = try await browser.surroundings(of: last.id, limit: 1)
        #expect(near?.point == 19 && near?.map == map.id && near?.isPlaced == true)
    }
}
