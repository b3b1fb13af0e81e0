// What the contracts do not ask: that the shop's files bring everything back, whatever cut their last line off.
import Bookshop
import BookshopStores
import Foundation
import RecCore
import RecTesting
import Testing

@Suite struct ReopeningTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func sale(_ receipt: String, of book: String = "i3") throws -> Interaction {
        try Sale(receipt: receipt, reader: "anna", book: book, time: PlantedShop().end).interaction()
    }

    @Test func aShopThatOpensAgainKnowsWhatItKnew() async throws {
        let events = try PlantedShop().interactions()
        do {
            let shop = try await ShopStores(folder: folder.path)
            _ = try await shop.ledger.append(events)
            try await shop.books.upsert(PlantedShop().catalog())
            try await shop.books.remove([ItemID("i0")])
            try await shop.readers.upsert([UserProfile(id: UserID("anna"), attributes: ["club": "yes"])])
            try await shop.models.publish(try PlantedShop().snapshot("v1"))
            let engine = shop.engine()
            try await engine.reload()
            try await engine.record([try sale("r1")])
        }

        let shop = try await ShopStores(folder: folder.path)
        let engine = shop.engine()
        let version = try await engine.reload()

        #expect(version?.rawValue == "v1")
        #expect(try await shop.ledger.page(after: 0, limit: 1000).interactions == events + [try sale("r1")])
        #expect(try await shop.books.page(after: nil, limit: 100).count == PlantedShop().items - 1)
        let changes = try await shop.books.changes(after: .start, limit: 100)
        #expect(changes.changes.last == CatalogChange(removed: ItemID("i0")))
        #expect(try await shop.readers.profiles(of: [UserID("anna")]).values.first?.attributes == ["club": "yes"])
        #expect(try await engine.window(of: UserID("anna")).interactions == [try sale("r1")])
    }

    @Test func aLineThatACrashCutOffIsDroppedAndWrittenOver() async throws {
        let path = folder.newPath()
        _ = try await SalesLedger(path: path).append([try sale("r1")])
        let file = try #require(FileHandle(forWritingAtPath: path))
        try file.seekToEnd()
        try file.write(contentsOf: Data(#"{"events":[{"event":"r2","us"#.utf8))
        try file.close()

        let reopened = try SalesLedger(path: path)
        _ = try await reopened.append([try sale("r3")])

        let events = try await SalesLedger(path: path).page(after: 0, limit: 10).interactions
        #expect(events == [try sale("r1"), try sale("r3")])
    }

    @Test func aLineThatIsNoLineIsToldWithItsNumber() async throws {
        let path = folder.newPath()
        try Data("{\"events\":[]}\nthis is no sale\n".utf8).write(to: URL(fileURLWithPath: path))

        let error = #expect(throws: StorageError.self) { _ = try SalesLedger(path: path) }

        #expect(error?.code == .corrupt)
        #expect(error?.reason.contains("line 2") == true)
    }

    @Test func whatAReaderDidWithAListIsNotedBesideIt() async throws {
        let (ledger, shown) = (try SalesLedger(path: folder.newPath()), ShownLists())
        let log = EventLog(ledger: ledger, shown: shown)
        let click = try Interaction(
            event: EventID("c1"), user: UserID("anna"), item: ItemID("i3"), kind: .click, timestamp: PlantedShop().end,
            recommendation: "answer")

        try await log.append([click])

        #expect(try await shown.outcomes(of: ["answer"])["answer"] == [try #require(Outcome(click))])
        #expect(try await ledger.count() == 1)
    }

    @Test func theOldestListsAreForgotten() async throws {
        let shown = ShownLists(capacity: 2)
        let version = try #require(ModelVersion("v1"))
        let lists = (0..<3).map {
            Impression(
                recommendation: "r\($0)", user: nil, modelVersion: version, policy: "greedy", mode: "auto",
                timestamp: PlantedShop().end, seed: 0, items: [], logPropensities: [])
        }

        for list in lists { try await shown.append([list]) }

        let page = try await shown.page(after: 0, limit: 10)
        #expect(page.impressions == Array(lists.dropFirst()))
        #expect(page.nextOffset == 3)
        #expect(try await shown.page(after: 3, limit: 10).impressions.isEmpty)
    }

    @Test func tablesAreTakenInOnce() async throws {
        let shop = try await ShopStores(folder: folder.path)
        let tables = folder.newPath()
        try FileManager.default.createDirectory(atPath: tables, withIntermediateDirectories: true)
        try "book,title,author,genre\na,A Book,Somebody,sea\n".write(
            toFile: tables + "/books.csv", atomically: true, encoding: .utf8)
        try "receipt,day,reader,book\nr1,2024-03-05,anna,a\n".write(
            toFile: tables + "/sales.csv", atomically: true, encoding: .utf8)

        for _ in 0..<2 { try await shop.take(try ShopTables(folder: tables)) }

        #expect(try await shop.ledger.count() == 1)
        #expect(try await shop.books.items([ItemID("a")]).values.first?.attributes["title"] == "A Book")
        #expect(try await shop.windows.states(of: [UserID("anna")]).count == 1)
    }

    @Test func aTableThatCannotBeReadIsToldWithItsLine() throws {
        let tables = folder.newPath()
        try FileManager.default.createDirectory(atPath: tables, withIntermediateDirectories: true)
        try "book,title,author,genre\na,A Book\n".write(
            toFile: tables + "/books.csv", atomically: true, encoding: .utf8)

        let error = #expect(throws: ShopTables.Unreadable.self) { _ = try ShopTables(folder: tables) }

        #expect(error?.description.hasSuffix("books.csv:2: a row has four fields") == true)
    }
}
