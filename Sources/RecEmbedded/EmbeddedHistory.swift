// History in SQLite: names interned once, narrow rows, bulk chunks with their checkpoint.
import GRDB
import RecCore
import Synchronization

/// `InteractionStore` on the store file.
public final class EmbeddedHistory: InteractionStore {
    private let database: StoreDatabase
    /// Names to row ids, as far as committed; emptied when it grows too large.
    private let known = Mutex(Names())

    struct Names: Sendable {
        /// By the bytes of the name, as SQLite compares them.
        var ids: [[ItemID: Int64]] = [[:], [:], [:]]
        static let limit = 3_000_000
    }
    private enum Table: Int, CaseIterable { case user, item, kind }

    init(database: StoreDatabase) { self.database = database }

    public func append(_ interactions: [Interaction]) async throws(StorageError) -> Int {
        guard !interactions.isEmpty else { return 0 }
        let (count, names) = try await database.write("history.append") { [self] database in
            var names = Interner(known.withLock { $0 })
            return (try Self.insert(interactions, &names, database), names.added)
        }
        remember(names)
        return count
    }

    public func load(
        _ interactions: [Interaction], from previous: SourcePosition?, to position: SourcePosition
    ) async throws(StorageError) {
        let names = try await database.write("history.load") { [self] database in
            guard try Self.position(of: position.source, database) == previous,
                previous.map({ $0.source == position.source }) ?? true
            else {
                throw StorageError(
                    .conflict, operation: "history.load",
                    reason: "source \(position.source) stands elsewhere than the caller")
            }
            var names = Interner(known.withLock { $0 })
            _ = try Self.insert(interactions, &names, database)
            try database.execute(
                sql: "INSERT OR REPLACE INTO source (name, fingerprint, records, rejected) VALUES (?, ?, ?, ?)",
                arguments: [position.source, position.fingerprint, position.records, position.rejected])
            return names.added
        }
        remember(names)
    }

    public func position(of source: String) async throws(StorageError) -> SourcePosition? {
        try await database.read("history.position") { try Self.position(of: source, $0) }
    }

    public func page(after offset: Int64, limit: Int) async throws(StorageError) -> HistoryPage {
        try await database.read("history.page") { database in
            let statement = try database.cachedStatement(
                sql: """
                    SELECT history.id, event, user.name, item.name, kind.name, time, weight FROM history
                    JOIN user ON user.id = history.user JOIN item ON item.id = history.item JOIN kind ON kind.id = history.kind
                    WHERE history.id > ? ORDER BY history.id LIMIT ?
                    """)
            var interactions: [Interaction] = []
            var last = offset
            interactions.reserveCapacity(limit)
            let rows = try Row.fetchCursor(statement, arguments: [offset, limit])
            while let row = try rows.next() {
                last = try row.value(0)
                interactions.append(
                    try Interaction.stored(
                        event: try row.value(1), user: try row.value(2), item: try row.value(3), kind: try row.value(4),
                        time: try row.value(5), weight: try row.value(6),
                        operation: "history.page"))
            }
            return HistoryPage(interactions: interactions, nextOffset: last)
        }
    }

    public func count() async throws(StorageError) -> Int {
        try await database.read("history.count") { try Int.fetchOne($0, sql: "SELECT count(*) FROM history") ?? 0 }
    }

    // MARK: - Inside a transaction

    private static func position(of source: String, _ database: Database) throws -> SourcePosition? {
        try Row.fetchOne(
            database, sql: "SELECT fingerprint, records, rejected FROM source WHERE name = ?", arguments: [source]
        ).map {
            SourcePosition(
                source: source, fingerprint: try $0.value(0), records: try $0.value(1), rejected: try $0.value(2))
        }
    }

    private static func insert(_ interactions: [Interaction], _ names: inout Interner, _ database: Database) throws
        -> Int
    {
        let statement = try database.cachedStatement(
            sql: """
                INSERT INTO history (user, item, kind, time, weight, event) VALUES (?, ?, ?, ?, ?, ?)
                ON CONFLICT DO NOTHING
                """)
        var count = 0
        for interaction in interactions {
            try statement.execute(arguments: [
                try names.id(of: interaction.user.rawValue, in: .user, database),
                try names.id(of: interaction.item.rawValue, in: .item, database),
                try names.id(of: interaction.kind.rawValue, in: .kind, database),
                interaction.timestamp.milliseconds, Double(interaction.weight), interaction.event?.rawValue,
            ])
            count += database.changesCount
        }
        return count
    }

    /// Row ids of names; new ones are kept apart until their transaction is committed.
    private struct Interner {
        let known: Names
        var added = Names()
        init(_ known: Names) { self.known = known }

        mutating func id(of text: String, in table: Table, _ database: Database) throws -> Int64 {
            let name = ItemID(text)
            if let id = known.ids[table.rawValue][name] ?? added.ids[table.rawValue][name] { return id }
            let select = try database.cachedStatement(sql: "SELECT id FROM \(table) WHERE name = ?")
            let id: Int64
            if let found = try Int64.fetchOne(select, arguments: [text]) {
                id = found
            } else {
                try database.cachedStatement(sql: "INSERT INTO \(table) (name) VALUES (?)").execute(arguments: [text])
                id = database.lastInsertedRowID
            }
            added.ids[table.rawValue][name] = id
            return id
        }
    }

    private func remember(_ added: Names) {
        known.withLock { known in
            if known.ids.reduce(0, { $0 + $1.count }) > Names.limit { known = Names() }
            for table in Table.allCases {
                known.ids[table.rawValue].merge(added.ids[table.rawValue]) { _, new in new }
            }
        }
    }
}
