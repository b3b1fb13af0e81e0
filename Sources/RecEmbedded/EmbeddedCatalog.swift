// The catalogue in SQLite.
import GRDB
import RecCore

/// `ItemCatalog` on the store file; attributes as one JSON object a row.
///
/// The table `catalog_change` holds one row an item that was ever there, numbered by its last change; triggers write it in the
/// transaction of the change, and SQLite has one writer, so the numbers follow the order in which changes became visible.
public struct EmbeddedCatalog: ItemCatalog {
    private let database: StoreDatabase
    init(database: StoreDatabase) { self.database = database }

    public func upsert(_ items: [CatalogItem]) async throws(StorageError) {
        guard !items.isEmpty else { return }
        try await database.write("catalog.upsert") { database in
            let statement = try database.cachedStatement(
                sql: """
                    INSERT INTO catalog (id, attributes, hidden) VALUES (?, ?, ?)
                    ON CONFLICT (id) DO UPDATE SET attributes = excluded.attributes, hidden = excluded.hidden
                    WHERE attributes <> excluded.attributes OR hidden <> excluded.hidden
                    """)
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
            return try Row.fetchAll(statement, arguments: [id?.rawValue ?? "", max(0, limit)]).map(Self.item)
        }
    }

    public func remove(_ ids: [ItemID]) async throws(StorageError) {
        try await database.write("catalog.remove") { database in
            let statement = try database.cachedStatement(sql: "DELETE FROM catalog WHERE id = ?")
            for id in ids { try statement.execute(arguments: [id.rawValue]) }
        }
    }

    public func changes(after cursor: CatalogCursor, limit: Int) async throws(StorageError) -> CatalogChanges {
        try await database.read("catalog.changes") { database in
            let statement = try database.cachedStatement(
                sql: """
                    SELECT catalog_change.id, attributes, hidden, revision FROM catalog_change
                    LEFT JOIN catalog ON catalog.id = catalog_change.id
                    WHERE revision > ? ORDER BY revision LIMIT ?
                    """)
            var cursor = cursor
            let changes = try Row.fetchAll(statement, arguments: [cursor.revision, max(0, limit)]).map { row in
                cursor = CatalogCursor(revision: try row.value(3))
                let attributes: String? = try row.value(1)
                return attributes == nil
                    ? CatalogChange(removed: ItemID(try row.value(0))) : CatalogChange(try Self.item(row))
            }
            return CatalogChanges(changes: changes, cursor: cursor)
        }
    }

    private static func item(_ row: Row) throws -> CatalogItem {
        let attributes = try AttributeText.decode(row.value(1), "catalog.items")
        return CatalogItem(id: ItemID(try row.value(0)), attributes: attributes, isHidden: try row.value(2))
    }
}
