// What holds of every answer, whatever is asked.
import Foundation
import RecCore
import RecTesting
import Testing

/// 100,000 requests drawn at random, on a shop with hidden items, items that nobody took, and attributes to filter by. For each the list
/// of items that may be shown is worked out anew from what the test itself knows of the shop.
@Suite struct SlatePropertyTests {
    private struct Shop {
        let engine: RecommendationEngine
        let items: [ItemID: CatalogItem]
        /// What each user took before the model was trained.
        let taken: [UserID: Set<ItemID>]
        let rule: ItemFilter
        let isRepeating: Bool
        let names: [ItemID]
        let end: Timestamp
    }

    private static func shop(isRepeating: Bool, newItemPlaces: Bool) async throws -> Shop {
        let planted = PlantedShop(users: 20, items: 32, days: 8)
        let stores = InMemoryStores()
        var items: [ItemID: CatalogItem] = [:]
        for number in 0..<45 {
            let id = ItemID("i\(number)")
            items[id] = CatalogItem(
                id: id,
                attributes: [
                    "group": number % 2 == 0 ? "even" : "odd", "price": String(number % 13),
                    "stock": number % 7 == 6 ? "0" : "5", "text": "shelf \(number % 7)",
                ], isHidden: number % 11 == 3)
        }
        try await stores.catalog.upsert(Array(items.values))
        let events = try planted.interactions()
        _ = try await stores.history.append(events)
        var options = TrainingOptions(
            als: try ALSConfiguration(dimension: 4, unobservedWeight: 0.1, regularization: 0.01, sweeps: 4),
            repeats: isRepeating, weights: .standard, strangers: .standard)
        options.newItemPlaces = newItemPlaces
        let data = try await TrainingData.read(history: stores.history, catalog: stores.catalog, users: stores.users)
        let version = try #require(ModelVersion("v1"))
        try await stores.models.publish(try await data.train(options, version: version, created: planted.end))
        let rule = ItemFilter.not(.oneOf(field: "stock", values: ["0"]))
        var configuration = RecommendationEngine.Configuration()
        configuration.rule = rule
        let engine = stores.engine(configuration)
        try await engine.reload()
        return Shop(
            engine: engine, items: items,
            taken: Dictionary(grouping: events, by: \.user).mapValues { Set($0.map(\.item)) }, rule: rule,
            isRepeating: isRepeating, names: (0..<45).map { ItemID("i\($0)") }, end: planted.end)
    }

    private static func request(_ shop: Shop, _ generator: inout SplitMix64) throws -> RecommendationRequest {
        func chance(_ share: Double) -> Bool { Double.random(in: 0..<1, using: &generator) < share }
        func someItems(_ most: Int) -> [ItemID] {
            (0..<Int.random(in: 0...most, using: &generator)).map { _ in
                chance(0.05) ? ItemID("unknown") : shop.names.randomElement(using: &generator) ?? shop.names[0]
            }
        }
        var request = RecommendationRequest(
            user: chance(0.7) ? UserID("u\(Int.random(in: 0..<24, using: &generator))") : nil,
            mode: RecommendationMode.allCases.randomElement(using: &generator) ?? .auto,
            items: chance(0.5) ? someItems(4) : [],
            limit: chance(0.5)
                ? Int.random(in: 1...20, using: &generator) : [25, 40, 200].randomElement(using: &generator) ?? 25)
        if chance(0.3) {
            for item in someItems(4) {
                request.recentEvents.append(
                    try Interaction(
                        event: EventID("now"), user: UserID("visitor"), item: item,
                        kind: [.view, .cart, .purchase].randomElement(using: &generator) ?? .view, timestamp: shop.end))
            }
        }
        if chance(0.3) { request.excluding = Set(someItems(20)) }
        if chance(0.3) { request.allowSeen = chance(0.5) }
        if chance(0.3) {
            let parts: [ItemFilter] = [
                .oneOf(field: "group", values: ["odd"]),
                .range(field: "price", atLeast: 3, above: nil, atMost: 9, below: nil),
                .not(.range(field: "price", atLeast: nil, above: nil, atMost: 11, below: nil)),
                .any([.oneOf(field: "text", values: ["shelf 1", "shelf 5"]), .has(field: "absent")]),
            ]
            request.filter = .all(parts.filter { _ in chance(0.5) })
        }
        if chance(0.2) {
            request.boosts = [
                ItemBoost(.oneOf(field: "group", values: ["even"]), amount: chance(0.5) ? 2 : -2),
                ItemBoost(.range(field: "price", atLeast: 10, above: nil, atMost: nil, below: nil), amount: 1),
            ]
        }
        request.explain = chance(0.15)
        return request
    }

    /// The items that may be shown for an answer of a mode.
    private static func open(_ shop: Shop, _ request: RecommendationRequest, _ mode: RecommendationMode) -> Set<ItemID>
    {
        var past = request.user.flatMap { shop.taken[$0] } ?? []
        past.formUnion(request.recentEvents.map(\.item))
        let isPastOpen =
            request.allowSeen ?? (shop.isRepeating || mode == .similarity || mode == .crossSell)
        return Set(
            shop.items.values.filter { item in
                !item.isHidden && shop.rule.admits(item.attributes)
                    && request.filter?.admits(item.attributes) ?? true && !request.excluding.contains(item.id)
                    && !request.items.contains(item.id) && (isPastOpen || !past.contains(item.id))
            }.map(\.id))
    }

    /// Of each of the two shops.
    private static let requests = 50_000

    @Test(arguments: [(true, false), (false, true)])
    func everyListHoldsWhatItMayAndAsMuchAsItCan(_ kind: (isRepeating: Bool, newItemPlaces: Bool)) async throws {
        let shop = try await Self.shop(isRepeating: kind.isRepeating, newItemPlaces: kind.newItemPlaces)
        var generator = SplitMix64(seed: kind.isRepeating ? 1 : 2)
        for number in 0..<Self.requests {
            let request = try Self.request(shop, &generator)
            let answer = try await shop.engine.recommend(request, id: "r", now: shop.end)
            let shown = answer.items.map(\.item)
            let open = Self.open(shop, request, answer.mode)
            // One comparison for each property, not one expectation: a hundred thousand of those take longer than the lists.
            let isRight =
                shown.count == min(request.limit, open.count) && Set(shown).count == shown.count
                && open.isSuperset(of: shown)
                && answer.items.map(\.rank) == (0..<shown.count).map { $0 + 1 }
                && Self.isInOrder(answer.items, keepsPlaces: kind.newItemPlaces)
                && answer.items.allSatisfy { $0.score.isFinite && Self.addsUp($0) }
            try #require(isRight, "request \(number): \(request), answer \(answer), open \(open.count)")
        }
    }

    private static func isInOrder(_ items: [RecommendedItem], keepsPlaces: Bool) -> Bool {
        // Behind the first twelve, places may be kept for new items.
        let sorted = keepsPlaces ? Array(items.prefix(12)) : items
        // 1e-4: scores are sorted as Float32 sums and told as Float64 ones.
        return zip(sorted, sorted.dropFirst()).allSatisfy { $0.score >= $1.score - 1e-4 }
    }

    private static func addsUp(_ item: RecommendedItem) -> Bool {
        guard let explanation = item.explanation else { return true }
        let channels = explanation.channels.values.reduce(0, +)
        let past = explanation.past.reduce(explanation.withoutPast) { $0 + $1.value }
        let tolerance = 1e-6 * max(1, abs(item.score))
        return abs(channels - item.score) < tolerance && abs(past - item.score) < tolerance
    }
}
