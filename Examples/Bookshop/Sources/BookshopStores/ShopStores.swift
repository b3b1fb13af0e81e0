// All stores of the shop in one folder.
import Bookshop
import Foundation
import RecCore

/// The engine's ports on the shop's own files: `sales.jsonl`, `books.jsonl`, `readers.jsonl`, and `models`.
public struct ShopStores: Sendable {
    public let ledger: SalesLedger
    public let books: BookList
    public let readers: ReaderList
    public let windows: ReaderWindows
    public let shown: ShownLists
    public let models: ModelFolder

    /// Opens the folder, which is made when it is missing.
    public init(folder: String) async throws(StorageError) {
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw StorageError(.unavailable, operation: "shop.open", reason: "\(folder) cannot be made: \(error)")
        }
        ledger = try SalesLedger(path: folder + "/sales.jsonl")
        books = try BookList(path: folder + "/books.jsonl")
        readers = try ReaderList(path: folder + "/readers.jsonl")
        windows = try await ReaderWindows(of: ledger)
        shown = ShownLists()
        models = try ModelFolder(path: folder + "/models")
    }

    /// An engine on these stores; call `reload()` when a model is published.
    public func engine() -> RecommendationEngine {
        RecommendationEngine(
            sessions: windows, log: EventLog(ledger: ledger, shown: shown), impressions: shown, catalog: books,
            users: readers, models: models)
    }

    /// Takes the shop's tables in: the sales once, however often it is called; the books as they are now.
    public func take(_ tables: ShopTables) async throws {
        try await books.upsert(
            tables.books.map {
                CatalogItem(
                    id: ItemID($0.id), attributes: ["title": $0.title, "author": $0.author, "genre": $0.genre])
            })
        guard try await ledger.position(of: "sales.csv") == nil else { return }
        let sales = try tables.sales.map { try $0.interaction() }
        try await ledger.load(
            sales, from: nil,
            to: SourcePosition(
                source: "sales.csv", fingerprint: "\(sales.count) sales", records: Int64(sales.count), rejected: 0))
        try await windows.add(sales)
    }

    /// Learns from everything that is held, and makes the model current.
    public func train(at now: Timestamp) async throws -> ModelSnapshot {
        let data = try await TrainingData.read(history: ledger, catalog: books, users: readers)
        let model = try await data.train(TrainingOptions(), version: ModelVersion(at: now), created: now)
        try await models.publish(model)
        return model
    }
}
