// What every catalogue must keep to.
import RecCore

/// The promises of `ItemCatalog` of RecCore.
public enum ItemCatalogContract {
    /// - Parameter make: gives an empty catalogue; it is called for each promise.
    /// - Throws: ``ContractViolation`` for the first promise that is broken, or the catalogue's own error.
    public static func verify(_ make: () async throws -> any ItemCatalog) async throws {
        try await itemsComeBackAsTheyWereGiven(try await make())
        try await lastWriteWins(try await make())
        try await pagesFollowTheBytesOfIDs(try await make())
        try await removedItemsAreGone(try await make())
        try await changesAreToldInOrderAndWhole(try await make())
        try await changesShowTheLastState(try await make())
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

    /// Everything behind a cursor, in pages.
    private static func changes(
        _ catalog: any ItemCatalog, after start: CatalogCursor, limit: Int
    ) async throws -> CatalogChanges {
        var found: [CatalogChange] = []
        var cursor = start
        while true {
            let page = try await catalog.changes(after: cursor, limit: limit)
            try check.expect("a page of changes holds at most `limit`", page.changes.count <= limit, found: "\(limit)")
            guard !page.changes.isEmpty else {
                try check.expect("an empty page leaves the cursor where it is", page.cursor, is: cursor)
                return CatalogChanges(changes: found, cursor: cursor)
            }
            try check.expect("a page moves the cursor on", page.cursor > cursor, found: "\(page.cursor)")
            found += page.changes
            cursor = page.cursor
        }
    }

    private static func changesAreToldInOrderAndWhole(_ catalog: any ItemCatalog) async throws {
        let empty = try await catalog.changes(after: .start, limit: 10)
        try check.expect("an empty catalogue has no changes", empty.changes, is: [])
        try check.expect("an empty page leaves the cursor where it is", empty.cursor, is: .start)
        let ids = ["n", "c", "z", "a", "m", "b", "y"]
        for id in ids { try await catalog.upsert([item(id)]) }
        for limit in [1, 3, 100] {
            let all = try await changes(catalog, after: .start, limit: limit)
            try check.expect(
                "pages of \(limit) give every change once, the oldest first", all.changes.map(\.id.rawValue), is: ids)
        }
        let end = try await changes(catalog, after: .start, limit: 100).cursor
        try await catalog.upsert((0..<5).map { item("batch \($0)") })
        let behind = try await changes(catalog, after: end, limit: 2)
        try check.expect(
            "pages may cut a batch, and nothing of it is lost", Set(behind.changes.map(\.id.rawValue)),
            is: Set((0..<5).map { "batch \($0)" }))
        // A change behind the cursor, while pages are read, of an item that was on an earlier page.
        let first = try await catalog.changes(after: .start, limit: 4)
        try await catalog.upsert([item("c", ["name": "changed meanwhile"])])
        let rest = try await changes(catalog, after: first.cursor, limit: 4)
        try check.expect(
            "a change made while pages are read is on a later page", rest.changes.last,
            is: CatalogChange(item("c", ["name": "changed meanwhile"])))
        try check.expect(
            "changes made before are all there", Set((first.changes + rest.changes).map(\.id.rawValue)),
            is: Set(ids + (0..<5).map { "batch \($0)" }))
    }

    private static func changesShowTheLastState(_ catalog: any ItemCatalog) async throws {
        try await catalog.upsert([item("a"), item("b"), item("gone"), item("back")])
        var cursor = try await changes(catalog, after: .start, limit: 100).cursor
        func news(_ limit: Int = 100) async throws -> [ItemID: CatalogChange] {
            let read = try await changes(catalog, after: cursor, limit: limit)
            cursor = read.cursor
            return Dictionary(read.changes.map { ($0.id, $0) }) { _, last in last }
        }
        try await catalog.upsert([item("a", ["name": "second"])])
        try await catalog.upsert([item("a", ["name": "third"])])
        let twice = try await news()
        try check.expect(
            "an item changed twice appears in its last state, others do not", twice,
            is: [ItemID("a"): CatalogChange(item("a", ["name": "third"]))])
        try await catalog.upsert([item("b", hidden: true)])
        let hidden = try await news()
        try check.expect(
            "hiding an item is a change", hidden, is: [ItemID("b"): CatalogChange(item("b", hidden: true))])
        try await catalog.upsert([item("b")])
        let shown = try await news()
        try check.expect("showing it again is a change", shown, is: [ItemID("b"): CatalogChange(item("b"))])
        try await catalog.remove([ItemID("gone"), ItemID("back"), ItemID("unknown")])
        try await catalog.upsert([item("back", ["name": "again"])])
        let removed = try await news(1)
        try check.expect(
            "a removed item is told as removed, one that came back as it is", removed,
            is: [
                ItemID("gone"): CatalogChange(removed: ItemID("gone")),
                ItemID("back"): CatalogChange(item("back", ["name": "again"])),
            ])
        let everything = try await changes(catalog, after: .start, limit: 2).changes
        try check.expect(
            "from the start, every item is told once, removed ones too", Set(everything),
            is: [
                CatalogChange(item("a", ["name": "third"])), CatalogChange(item("b")),
                CatalogChange(removed: ItemID("gone")), CatalogChange(item("back", ["name": "again"])),
            ])
        try check.expect("from the start, no item is told twice", everything.count, is: 4)
    }
}
