// What every catalogue must keep to.
import RecCore

/// The promises of ``RecCore/ItemCatalog``.
public enum ItemCatalogContract {
    /// - Parameter make: gives an empty catalogue; it is called for each promise.
    /// - Throws: ``ContractViolation`` for the first promise that is broken, or the catalogue's own error.
    public static func verify(_ make: () async throws -> any ItemCatalog) async throws {
        try await itemsComeBackAsTheyWereGiven(try await make())
        try await lastWriteWins(try await make())
        try await pagesFollowTheBytesOfIDs(try await make())
        try await removedItemsAreGone(try await make())
    }

    private static let check = ContractCheck(port: "ItemCatalog")

    private static func item(_ id: String, _ attributes: [String: String] = ["name": "n"], hidden: Bool = false)
        -> CatalogItem
    {
        CatalogItem(id: ItemID(id), attributes: attributes, isHidden: hidden)
    }

    private static func itemsComeBackAsTheyWereGiven(_ catalog: any ItemCatalog) async throws {
        let items = [
            item("a", ["title": "It's \"it\"\n{}", "größe": "XL / λ", "price": "1,5"]),
            item("b'; --", [:], hidden: true),
            item(String(repeating: "x", count: 255)),
        ]
        try await catalog.upsert([])
        try await catalog.upsert(items)
        let found = try await catalog.items(items.map(\.id) + [ItemID("unknown"), items[0].id])
        try check.expect("items come back whole; unknown ids are absent", Set(found.values), is: Set(items))
        try check.expect("the answer has one entry an id", Set(found.keys), is: Set(items.map(\.id)))
    }

    private static func lastWriteWins(_ catalog: any ItemCatalog) async throws {
        try await catalog.upsert([item("a", ["old": "1"]), item("a", ["newer": "2"])])
        let within = try await catalog.items([ItemID("a")])
        try check.expect(
            "within a batch the last item of an id wins", within[ItemID("a")]?.attributes, is: ["newer": "2"])
        try await catalog.upsert([item("a", ["newest": "3"], hidden: true)])
        let across = try await catalog.items([ItemID("a")])
        try check.expect(
            "a later batch replaces an item, all of it", across[ItemID("a")],
            is: item("a", ["newest": "3"], hidden: true))
    }

    private static func pagesFollowTheBytesOfIDs(_ catalog: any ItemCatalog) async throws {
        let ids = ["10", "9", "a", "B", "é", "z", "λ", "🧦", "aa", "a b"]
        try await catalog.upsert(ids.map { item($0) })
        var found: [String] = []
        var last: ItemID?
        while true {
            let page = try await catalog.page(after: last, limit: 3)
            guard let end = page.last else { break }
            try check.expect("a page holds at most `limit`", page.count <= 3, found: "\(page.count)")
            found += page.map(\.id.rawValue)
            last = end.id
        }
        try check.expect(
            "pages give every item once, in the order of the UTF-8 bytes of ids", found,
            is: ids.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })
        let between = try await catalog.page(after: ItemID("aZ"), limit: 1)
        try check.expect("a page may begin behind an id that is not there", between.map(\.id.rawValue), is: ["aa"])
    }

    private static func removedItemsAreGone(_ catalog: any ItemCatalog) async throws {
        try await catalog.upsert([item("a"), item("b")])
        try await catalog.remove([ItemID("a"), ItemID("unknown")])
        try await catalog.remove([])
        let found = try await catalog.page(after: nil, limit: 10)
        try check.expect("`remove` removes what it names and nothing else", found.map(\.id.rawValue), is: ["b"])
    }
}
