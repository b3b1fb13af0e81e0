// The engine follows its catalogue: what is added, hidden, removed or described anew, whatever happens at the same time.
import RecCore
import RecTesting
import Synchronization
import Testing

@Suite struct CatalogueTests {
    private let now = PlantedShop().end

    /// Items `i0` to `i19` in the catalogue and the model, as even and odd ones; `cold` is in both and nobody took it.
    private func shop(
        catalog: ((InMemoryCatalog) -> any ItemCatalog)? = nil
    ) async throws -> (stores: InMemoryStores, engine: RecommendationEngine) {
        let stores = InMemoryStores()
        let shop = PlantedShop()
        try await stores.catalog.upsert(shop.catalog() + [item("cold", isEven: false)])
        _ = try await stores.history.append(try shop.interactions())
        try await train("v1", stores)
        let engine = RecommendationEngine(
            sessions: stores.sessions, log: stores.log, impressions: stores.impressions,
            catalog: catalog?(stores.catalog) ?? stores.catalog, users: stores.users, models: stores.models)
        try await engine.reload()
        return (stores, engine)
    }

    private func train(_ version: String, _ stores: InMemoryStores) async throws {
        let data = try await TrainingData.read(history: stores.history, catalog: stores.catalog, users: stores.users)
        let options = TrainingOptions(
            als: try ALSConfiguration(dimension: 6, unobservedWeight: 0.1, regularization: 0.01, sweeps: 8),
            repeats: true, weights: .standard, strangers: .standard)
        try await stores.models.publish(
            try await data.train(options, version: try #require(ModelVersion(version)), created: now))
    }

    private func item(_ id: String, isEven: Bool, isHidden: Bool = false) -> CatalogItem {
        CatalogItem(
            id: ItemID(id), attributes: ["group": isEven ? "even" : "odd", "text": "item of shelf \(isEven ? 2 : 3)"],
            isHidden: isHidden)
    }

    /// Ids of the items like another, in order.
    private func alike(_ item: String, _ engine: RecommendationEngine, limit: Int = 200) async throws -> [String] {
        let request = RecommendationRequest(mode: .similarity, items: [ItemID(item)], limit: limit)
        return try await engine.recommend(request, id: "1", now: now).items.map(\.item.rawValue)
    }

    @Test func anAddedItemIsRecommendableWithoutTraining() async throws {
        let (stores, engine) = try await shop()
        try await stores.catalog.upsert([item("fresh", isEven: true)])
        #expect(try await !alike("i2", engine).contains("fresh"))

        #expect(try await engine.refreshCatalogue() == 1)

        let like = try await alike("i2", engine)
        let unlike = try await alike("i3", engine)
        #expect(like.contains("fresh"))
        let places = (like.firstIndex(of: "fresh") ?? .max, unlike.firstIndex(of: "fresh") ?? .max)
        #expect(places.0 < 10 && places.1 >= 10, "\(places)")
        let odd = try await alike("fresh", engine, limit: 5)
        #expect(odd.allSatisfy { (Int($0.dropFirst()) ?? 1) % 2 == 0 }, "\(odd)")
        let request = RecommendationRequest(user: UserID("u0"), mode: .recency, limit: 200)
        #expect(try await engine.recommend(request, id: "1", now: now).items.map(\.item).contains(ItemID("fresh")))
        #expect(engine.modelVersion?.rawValue == "v1")
    }

    @Test func eventsWithAnAddedItemAreKnownAtOnce() async throws {
        let (stores, engine) = try await shop()
        try await stores.catalog.upsert([
            item("fresh", isEven: false), CatalogItem(id: ItemID("bare"), attributes: [:]),
        ])
        try await engine.refreshCatalogue()

        try await engine.record(
            ["fresh", "bare"].map { id in
                try Interaction(
                    event: EventID(id), user: UserID("visitor"), item: ItemID(id), kind: .purchase, timestamp: now)
            })

        for mode in RecommendationMode.allCases {
            let request = RecommendationRequest(
                user: UserID("visitor"), mode: mode, items: mode == .crossSell ? [ItemID("bare")] : [],
                allowSeen: false, limit: 200)
            let answer = try await engine.recommend(request, id: "1", now: now)
            #expect(!answer.items.isEmpty && answer.unknownItems.isEmpty)
            #expect(!answer.items.contains { ["fresh", "bare"].contains($0.item.rawValue) }, "mode \(mode)")
        }
        let request = RecommendationRequest(user: UserID("visitor"), limit: 5)
        let answer = try await engine.recommend(request, id: "2", now: now)
        #expect(answer.mode == .recency)
        #expect(answer.items.filter { (Int($0.item.rawValue.dropFirst()) ?? 1) % 2 == 1 }.count >= 4)
    }

    @Test func hidingShowingAndRemovingTakeEffect() async throws {
        let (stores, engine) = try await shop()
        #expect(try await alike("i2", engine).contains("i4"))

        try await stores.catalog.upsert([item("i4", isEven: true, isHidden: true)])
        try await stores.catalog.upsert([item("secret", isEven: true, isHidden: true), item("brief", isEven: true)])
        try await engine.refreshCatalogue()
        let hidden = try await alike("i2", engine)
        #expect(!hidden.contains("i4") && !hidden.contains("secret") && hidden.contains("brief"))

        try await stores.catalog.upsert([item("i4", isEven: true), item("secret", isEven: true)])
        try await stores.catalog.remove([ItemID("brief"), ItemID("i6")])
        try await engine.refreshCatalogue()
        let shown = try await alike("i2", engine)
        #expect(shown.contains("i4") && shown.contains("secret"))
        #expect(!shown.contains("brief") && !shown.contains("i6"))

        try await stores.catalog.upsert([item("brief", isEven: true)])
        try await engine.refreshCatalogue()
        #expect(try await alike("i2", engine).contains("brief"))
    }

    @Test func newAttributesOfAnUnsoldItemMoveIt() async throws {
        let (stores, engine) = try await shop()
        let before = try await alike("i2", engine).firstIndex(of: "cold")
        try await stores.catalog.upsert([item("cold", isEven: true), item("i4", isEven: false)])
        let sold = try await alike("i4", engine, limit: 5)

        try await engine.refreshCatalogue()

        let after = try await alike("i2", engine).firstIndex(of: "cold")
        #expect((after ?? .max) < 10 && (before ?? .max) >= 10, "\(before ?? -1) to \(after ?? -1)")
        #expect(try await alike("i4", engine).filter { $0 != "cold" }.prefix(5).elementsEqual(sold))
    }

    @Test func aNewVersionKnowsWhatCameAfterItsTraining() async throws {
        let (stores, engine) = try await shop()
        try await train("v2", stores)
        try await stores.catalog.upsert([item("fresh", isEven: true), item("i4", isEven: true, isHidden: true)])
        try await engine.refreshCatalogue()

        #expect(try await engine.reload()?.rawValue == "v2")

        let like = try await alike("i2", engine)
        #expect(like.contains("fresh") && !like.contains("i4"))
        // Rolled back to the version of before, it is all there too.
        try await stores.models.activate(try #require(ModelVersion("v1")))
        #expect(try await engine.reload()?.rawValue == "v1")
        #expect(try await alike("i2", engine) == like)
        #expect(try await engine.refreshCatalogue() == 0)
    }

    @Test func aFailingCatalogueLeavesTheServedModelAndIsAskedAgain() async throws {
        let (stores, engine) = try await shop()
        try await train("v2", stores)
        let before = try await alike("i2", engine)
        try await stores.catalog.upsert([item("fresh", isEven: true)])
        stores.faults.fail("catalog.changes", .unavailable, times: 2)

        await #expect(throws: StorageError.self) { try await engine.refreshCatalogue() }
        await #expect(throws: StorageError.self) { try await engine.reload() }

        #expect(engine.modelVersion?.rawValue == "v1")
        #expect(try await alike("i2", engine) == before)
        #expect(try await engine.refreshCatalogue() == 1)
        #expect(try await alike("i2", engine).contains("fresh"))
    }

    @Test func withoutAChangeOneQueryIsMadeAndWithoutAModelNone() async throws {
        let (stores, engine) = try await shop()
        let before = stores.faults.calls(of: "catalog.changes")

        #expect(try await engine.refreshCatalogue() == 0)
        #expect(stores.faults.calls(of: "catalog.changes") == before + 1)

        #expect(try await stores.engine().refreshCatalogue() == 0)
        #expect(stores.faults.calls(of: "catalog.changes") == before + 1)
    }

    @Test func aReloadThatARefreshOvertookBringsTheItemAlong() async throws {
        let hook = Hook()
        let (stores, engine) = try await shop { HookedCatalog($0, hook) }
        try await train("v2", stores)
        // The new version has read the whole catalogue; before it is swapped in, an item is added to the one that serves.
        hook.set { page in
            guard page.changes.isEmpty else { return false }
            try? await stores.catalog.upsert([item("fresh", isEven: true)])
            _ = try? await engine.refreshCatalogue()
            return true
        }

        #expect(try await engine.reload()?.rawValue == "v2")

        #expect(try await alike("i2", engine).contains("fresh"))
    }

    @Test func aRefreshThatAReloadOvertookDoesNotBringTheOldVersionBack() async throws {
        let hook = Hook()
        let (stores, engine) = try await shop { HookedCatalog($0, hook) }
        try await train("v2", stores)
        try await stores.catalog.upsert([item("fresh", isEven: true)])
        // The change was read for the old version; before it is taken in, the new version is served.
        hook.set { _ in
            _ = try? await engine.reload()
            return true
        }

        try await engine.refreshCatalogue()

        #expect(engine.modelVersion?.rawValue == "v2")
        #expect(try await alike("i2", engine).contains("fresh"))
    }

    @Test func everythingAtOnceLosesNothing() async throws {
        let (stores, engine) = try await shop()
        try await train("v2", stores)
        let now = now
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<24 {
                group.addTask {
                    try? await stores.catalog.upsert([item("n\(number)", isEven: number % 2 == 0)])
                    if number % 4 == 1 { try? await stores.catalog.remove([ItemID("n\(number)")]) }
                    _ = try? await engine.refreshCatalogue()
                }
                group.addTask {
                    if let version = ModelVersion(number % 2 == 0 ? "v1" : "v2") {
                        try? await stores.models.activate(version)
                    }
                    _ = try? await engine.reload()
                }
                group.addTask {
                    let request = RecommendationRequest(user: UserID("u1"), items: [ItemID("n\(number)")], limit: 50)
                    _ = try? await engine.recommend(request, id: "1", now: now)
                }
            }
        }

        #expect(try await engine.refreshCatalogue() == 0)
        let all = Set(try await alike("i2", engine))
        for number in 0..<24 { #expect(all.contains("n\(number)") == (number % 4 != 1), "n\(number)") }
    }
}

/// Something that happens between a reading of changes and its use.
final class Hook: Sendable {
    typealias Step = @Sendable (CatalogChanges) async -> Bool
    private let step = Mutex<Step?>(nil)
    /// - Parameter step: true when it was the moment; it is then over.
    func set(_ step: @escaping Step) { self.step.withLock { $0 = step } }
    func run(_ page: CatalogChanges) async {
        guard
            let step = step.withLock({ step in
                defer { step = nil }
                return step
            })
        else { return }
        if await !step(page) { set(step) }
    }
}

/// A catalogue of which changes are read, and then something happens.
struct HookedCatalog: ItemCatalog {
    private let catalog: InMemoryCatalog
    private let hook: Hook
    init(_ catalog: InMemoryCatalog, _ hook: Hook) { (self.catalog, self.hook) = (catalog, hook) }
    func upsert(_ items: [CatalogItem]) async throws(StorageError) { try await catalog.upsert(items) }
    func items(_ ids: [ItemID]) async throws(StorageError) -> [ItemID: CatalogItem] { try await catalog.items(ids) }
    func page(after id: ItemID?, limit: Int) async throws(StorageError) -> [CatalogItem] {
        try await catalog.page(after: id, limit: limit)
    }
    func remove(_ ids: [ItemID]) async throws(StorageError) { try await catalog.remove(ids) }
    func changes(after cursor: CatalogCursor, limit: Int) async throws(StorageError) -> CatalogChanges {
        let page = try await catalog.changes(after: cursor, limit: limit)
        await hook.run(page)
        return page
    }
}
