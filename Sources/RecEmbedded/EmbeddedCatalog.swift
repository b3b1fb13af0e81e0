// The catalogue in SQLite.
import GRDB
import RecCore

/// `ItemCatalog` on the store file; attributes as one JSON object a row.
public struct EmbeddedCatalog: ItemCatalog {
    private let database: StoreDatabase
    init(database: StoreDatabase) { self.database = database }

    public func upsert(_ items: [CatalogItem]) async throws(StorageError) {
        guard !items.isEmpty else { return }
        try await database.write("catalog.upsert") { database in
            let statement = try database.cachedStatement(
                sql: "INSERT OR REPLACE INTO catalog (id, attributes, hidden) VALUES (?, ?, ?)")
            for item in items {
                try statement.execute(arguments: [
                    item.id.rawValue, try AttributeText.encode(item.attributes), item.isHidden,
                ])
            }
        }
    }

    public func items(_ ids: [ItemID]) async throws(StorageError) -> [ItemID: CatalogItem] {
        try await database.read("catalog.items") { database in
            let statement = try database.cachedStatement(sql: "SELECT id, attributes, hidden FROM catalog WHERE id = ?")
            var found: [ItemID: CatalogItem] = [:]
            for id in Set(ids) {
                if let row = try Row.fetchOne(statement, arguments: [id.rawValue]) { found[id] = try Self.item(row) }
            }
            return found
        }
    }

    public func page(after id: ItemID?, limit: Int) async throws(StorageError) -> [CatalogItem] {
        try await database.read("catalog.page") { database in
            let statement = try database.cachedStatement(
                sql: "SELECT id, attributes, hidden FROM catalog WHERE id > ? ORDER BY id LIMIT ?")
            return try Row.fetchAll(statement, arguments: [id?.rawValue ?? "", limit]).map(Self.item)
        }
    }

    public func remove(_ ids: [ItemID]) async throws(StorageError) {
        try await database.write("catalog.remove") { database in
            let statement = try database.cachedStatement(sql: "DELETE FROM catalog WHERE id = ?")
            for id in ids { try statement.execute(arguments: [id.rawValue]) }
        }
    }

    private static func item(_ row: Row) throws -> CatalogItem {
        let attributes = try AttributeText.decode(row.value(1), "catalog.items")
        return CatalogItem(id: ItemID(try row.value(0)), attributes: attributes, isHidden: try row.value(2))
    }
}
