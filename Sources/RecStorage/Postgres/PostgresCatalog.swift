// The catalogue in PostgreSQL.
import RecCore

/// `ItemCatalog` on the table `catalog`; attributes as one JSON object a row, open to SQL.
///
/// The table `catalog_change` holds one row an item that was ever there, numbered by its last change. Triggers write it under an
/// advisory lock that is held until the change is committed, and PostgreSQL lets locks go after a commit became visible. So a
/// reader that saw a number sees every smaller one, and no change slips in behind a cursor that was given out.
public struct PostgresCatalog: ItemCatalog {
    private let pool: PostgresPool
    init(_ pool: PostgresPool) { self.pool = pool }

    public func upsert(_ items: [CatalogItem]) async throws(StorageError) {
        guard !items.isEmpty else { return }
        let rows = try PostgresAttributes.lastOfEach(items, "catalog.upsert", id: \.id.rawValue, \.attributes)
        let hidden = Dictionary(items.map { ($0.id, $0.isHidden) }) { _, last in last }
        try await pool.transaction("catalog.upsert") { session in
            // Before the first statement that reads: what it waits for, it then sees.
            try PostgresLock.take(PostgresLock.catalog, session)
            for part in rows.parts {
                try session.query(
                    """
                    INSERT INTO catalog (id, attributes, hidden)
                    SELECT id, attributes::jsonb, hidden
                    FROM unnest($1, $2, $3) WITH ORDINALITY AS given (id, attributes, hidden, place) ORDER BY place
                    ON CONFLICT (id) DO UPDATE SET attributes = excluded.attributes, hidden = excluded.hidden
                    WHERE (catalog.attributes, catalog.hidden) IS DISTINCT FROM (excluded.attributes, excluded.hidden)
                    """,
                    [
                        .texts(part.map(\.id)), .texts(part.map(\.attributes)),
                        .booleans(part.map { hidden[ItemID($0.id)] ?? false }),
                    ])
            }
        }
    }

    public func items(_ ids: [ItemID]) async throws(StorageError) -> [ItemID: CatalogItem] {
        guard !ids.isEmpty else { return [:] }
        return try await pool.run("catalog.items") { session in
            let rows = try session.query(
                "SELECT id, attributes::text, hidden FROM catalog WHERE id = ANY ($1)",
                [.texts(Set(ids).map(\.rawValue))])
            var found: [ItemID: CatalogItem] = [:]
            for row in 0..<rows.count {
                let item = try Self.item(rows, row)
                found[item.id] = item
            }
            return found
        }
    }

    public func page(after id: ItemID?, limit: Int) async throws(StorageError) -> [CatalogItem] {
        try await pool.run("catalog.page") { session in
            let rows = try session.query(
                "SELECT id, attributes::text, hidden FROM catalog WHERE id > $1 ORDER BY id LIMIT $2",
                [.text(id?.rawValue ?? ""), .integer(Int64(max(0, limit)))])
            return try (0..<rows.count).map { try Self.item(rows, $0) }
        }
    }

    public func remove(_ ids: [ItemID]) async throws(StorageError) {
        guard !ids.isEmpty else { return }
        try await pool.transaction("catalog.remove") { session in
            try PostgresLock.take(PostgresLock.catalog, session)
            try session.query("DELETE FROM catalog WHERE id = ANY ($1)", [.texts(Set(ids).map(\.rawValue))])
        }
    }

    public func changes(after cursor: CatalogCursor, limit: Int) async throws(StorageError) -> CatalogChanges {
        try await pool.run("catalog.changes") { session in
            let rows = try session.query(
                """
                SELECT catalog_change.id, attributes::text, hidden, revision FROM catalog_change
                LEFT JOIN catalog ON catalog.id = catalog_change.id
                WHERE revision > $1 ORDER BY revision LIMIT $2
                """,
                [.integer(cursor.revision), .integer(Int64(max(0, limit)))])
            let changes = try (0..<rows.count).map { row in
                rows.isNull(row, 1)
                    ? CatalogChange(removed: ItemID(try rows.text(row, 0))) : CatalogChange(try Self.item(rows, row))
            }
            guard rows.count > 0 else { return CatalogChanges(changes: [], cursor: cursor) }
            return CatalogChanges(
                changes: changes, cursor: CatalogCursor(revision: try rows.integer(rows.count - 1, 3)))
        }
    }

    private static func item(_ rows: PostgresResult, _ row: Int) throws -> CatalogItem {
        CatalogItem(
            id: ItemID(try rows.text(row, 0)),
            attributes: try PostgresAttributes.decode(try rows.text(row, 1), "catalog.items"),
            isHidden: try rows.boolean(row, 2))
    }
}
