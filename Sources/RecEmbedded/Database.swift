// The one SQLite file: opening, migrating, and the translation of its errors.
import Foundation
import GRDB
import RecCore

/// A pool of connections to the file. Calls suspend; SQLite runs on the pool's own queues.
struct StoreDatabase: Sendable {
    let pool: DatabasePool

    /// Opens or makes the file. WAL with `synchronous=FULL`: a committed event survives the loss of power.
    init(path: String) throws(StorageError) {
        do {
            var configuration = Configuration()
            configuration.label = "store"
            configuration.busyMode = .timeout(10)
            configuration.prepareDatabase { database in
                try database.execute(sql: "PRAGMA synchronous = FULL")
                try database.execute(sql: "PRAGMA cache_size = -65536")
            }
            pool = try DatabasePool(path: path, configuration: configuration)
            try Self.migrator.migrate(pool)
        } catch {
            throw Self.storageError(error, "store.open")
        }
    }

    func write<T: Sendable>(
        _ operation: String, _ body: @escaping @Sendable (Database) throws -> T
    ) async throws(StorageError) -> T {
        do {
            return try await pool.write(body)
        } catch {
            throw Self.storageError(error, operation)
        }
    }

    func read<T: Sendable>(
        _ operation: String, _ body: @escaping @Sendable (Database) throws -> T
    ) async throws(StorageError) -> T {
        do {
            return try await pool.read(body)
        } catch {
            throw Self.storageError(error, operation)
        }
    }

    /// A write after which what it deleted is nowhere in the files: SQLite overwrites it, and the journal is emptied, unless somebody
    /// reads just now; then it is at the end of the next writes.
    func erase<T: Sendable>(
        _ operation: String, _ body: @escaping @Sendable (Database) throws -> T
    ) async throws(StorageError) -> T {
        let result = try await write(operation) { database in
            try database.execute(sql: "PRAGMA secure_delete = ON")
            let result = try body(database)
            try database.execute(sql: "PRAGMA secure_delete = OFF")
            return result
        }
        _ = try? await pool.writeWithoutTransaction { _ = try $0.checkpoint(.truncate) }
        return result
    }

    /// SQLite's result codes as ours. The texts hold SQLite's message, never bound values.
    static func storageError(_ error: any Error, _ operation: String) -> StorageError {
        if let error = error as? StorageError { return error }
        if error is RowDecodingError {
            return StorageError(.corrupt, operation: operation, reason: "a stored row holds a value of a wrong type")
        }
        guard let error = error as? DatabaseError else {
            return StorageError(.unavailable, operation: operation, reason: "\(error)")
        }
        let code: StorageError.Code =
            switch error.resultCode {
            case .SQLITE_CORRUPT, .SQLITE_NOTADB: .corrupt
            case .SQLITE_FULL: .full
            case .SQLITE_CONSTRAINT, .SQLITE_MISMATCH, .SQLITE_TOOBIG: .rejected
            default: .unavailable
            }
        return StorageError(code, operation: operation, reason: error.message ?? "SQLite error \(error.resultCode)")
    }

    private static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 all ports") { database in
            try database.execute(
                sql: """
                    CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
                    CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
                    CREATE TABLE kind (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
                    CREATE TABLE history (
                        id INTEGER PRIMARY KEY, user INTEGER NOT NULL REFERENCES user, item INTEGER NOT NULL REFERENCES item,
                        kind INTEGER NOT NULL REFERENCES kind, time INTEGER NOT NULL, weight REAL NOT NULL, event TEXT) STRICT;
                    CREATE UNIQUE INDEX history_event ON history (event) WHERE event IS NOT NULL;
                    CREATE TABLE source (
                        name TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, records INTEGER NOT NULL,
                        rejected INTEGER NOT NULL) WITHOUT ROWID, STRICT;
                    CREATE TABLE session (
                        user TEXT NOT NULL, event TEXT NOT NULL, item TEXT NOT NULL, kind TEXT NOT NULL,
                        time INTEGER NOT NULL, weight REAL NOT NULL, PRIMARY KEY (user, event)) WITHOUT ROWID, STRICT;
                    CREATE TABLE log (
                        position INTEGER PRIMARY KEY AUTOINCREMENT, event TEXT, user TEXT NOT NULL, item TEXT NOT NULL,
                        kind TEXT NOT NULL, time INTEGER NOT NULL, weight REAL NOT NULL) STRICT;
                    CREATE TABLE feed (name TEXT PRIMARY KEY, position INTEGER NOT NULL) WITHOUT ROWID, STRICT;
                    CREATE TABLE impression (
                        id INTEGER PRIMARY KEY AUTOINCREMENT, recommendation TEXT NOT NULL UNIQUE, user TEXT,
                        version TEXT NOT NULL, policy TEXT NOT NULL, mode TEXT NOT NULL, time INTEGER NOT NULL,
                        seed INTEGER NOT NULL, slate TEXT NOT NULL) STRICT;
                    CREATE TABLE catalog (
                        id TEXT PRIMARY KEY, attributes TEXT NOT NULL, hidden INTEGER NOT NULL) WITHOUT ROWID, STRICT;
                    """)
        }
        migrator.registerMigration("2 profiles") { database in
            try database.execute(
                sql: "CREATE TABLE profile (id TEXT PRIMARY KEY, attributes TEXT NOT NULL) WITHOUT ROWID, STRICT")
        }
        // Triggers, and not the adapter, keep the order of changes: a process that still runs an older version of it takes part.
        migrator.registerMigration("3 catalogue changes") { database in
            try database.execute(
                sql: """
                    CREATE TABLE catalog_change (
                        revision INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE) STRICT;
                    INSERT INTO catalog_change (id) SELECT id FROM catalog ORDER BY id;
                    CREATE TRIGGER catalog_inserted AFTER INSERT ON catalog BEGIN
                        DELETE FROM catalog_change WHERE id = NEW.id;
                        INSERT INTO catalog_change (id) VALUES (NEW.id);
                    END;
                    CREATE TRIGGER catalog_updated AFTER UPDATE ON catalog BEGIN
                        DELETE FROM catalog_change WHERE id = NEW.id;
                        INSERT INTO catalog_change (id) VALUES (NEW.id);
                    END;
                    CREATE TRIGGER catalog_deleted AFTER DELETE ON catalog BEGIN
                        DELETE FROM catalog_change WHERE id = OLD.id;
                        INSERT INTO catalog_change (id) VALUES (OLD.id);
                    END;
                    """)
        }
        migrator.registerMigration("4 history in blocks") { database in
            try database.execute(
                sql: """
                    CREATE TABLE history_block (
                        first INTEGER PRIMARY KEY, count INTEGER NOT NULL, rows BLOB NOT NULL) STRICT;
                    CREATE TABLE history_names (
                        first INTEGER PRIMARY KEY, users BLOB NOT NULL, items BLOB NOT NULL, kinds BLOB NOT NULL) STRICT;
                    \(eventTable);
                    \(erasedTable);
                    """)
            try moveHistoryIntoBlocks(database)
            try database.execute(sql: "DROP TABLE history; DROP TABLE user; DROP TABLE item; DROP TABLE kind")
        }
        // An event id is its user's own: two users' clients may count from 1. Before, the first of them kept it.
        migrator.registerMigration("5 event ids by user") { database in
            try database.execute(sql: eventTable)
            guard try database.tableExists("history_held") else { return }
            try nameHeldEvents(database)
            try database.execute(sql: "DROP TABLE history_held")
        }
        migrator.registerMigration("6 answers that events came from") { database in
            try database.execute(sql: "ALTER TABLE log ADD COLUMN recommendation TEXT")
        }
        migrator.registerMigration("7 what became of answers") { database in
            try database.execute(
                sql: """
                    CREATE TABLE outcome (
                        recommendation TEXT NOT NULL, event TEXT NOT NULL, item TEXT NOT NULL, kind TEXT NOT NULL,
                        time INTEGER NOT NULL, weight REAL NOT NULL, PRIMARY KEY (recommendation, event))
                        WITHOUT ROWID, STRICT
                    """)
        }
        migrator.registerMigration("8 erased rows of history") { database in
            try database.execute(sql: erasedTable)
        }
        return migrator
    }

    /// One row: how often something was erased, which makes names that a process holds stale, and the number behind the last row that
    /// ever was: numbers of erased rows are not given again.
    private static let erasedTable = """
        CREATE TABLE IF NOT EXISTS history_erased (
            only INTEGER PRIMARY KEY CHECK (only = 1), times INTEGER NOT NULL, ends INTEGER NOT NULL) STRICT;
        INSERT OR IGNORE INTO history_erased (only, times, ends) VALUES (1, 0, 1)
        """

    /// Event ids that the history holds, by the number of their user.
    private static let eventTable = """
        CREATE TABLE IF NOT EXISTS history_known (
            user INTEGER NOT NULL, event TEXT NOT NULL, PRIMARY KEY (user, event)) WITHOUT ROWID, STRICT
        """

    private static func nameHeldEvents(_ database: Database) throws {
        guard try Int.fetchOne(database, sql: "SELECT 1 FROM history_held LIMIT 1") != nil else { return }
        let rows = try Row.fetchCursor(database, sql: "SELECT first, count, rows FROM history_block ORDER BY first")
        while let row = try rows.next() {
            let first: Int64 = try row.value(0)
            let bytes: Data = try row.value(2)
            guard let block = HistoryBlock([UInt8](bytes), count: try row.value(1)) else {
                throw EmbeddedHistory.corrupt("rows \(first) and following are not a block")
            }
            for (user, event) in zip(block.users, block.events) {
                guard let event else { continue }
                try database.execute(
                    sql: "INSERT OR IGNORE INTO history_known (user, event) VALUES (?, ?)",
                    arguments: [Int64(user), event])
            }
        }
    }

    /// Rows of the table that held history one by one.
    private static func moveHistoryIntoBlocks(_ database: Database) throws {
        var names = Names()
        let rows = try Row.fetchCursor(
            database,
            sql: """
                SELECT event, user.name, item.name, kind.name, time, weight FROM history
                JOIN user ON user.id = history.user JOIN item ON item.id = history.item JOIN kind ON kind.id = history.kind
                ORDER BY history.id
                """)
        var part: [Interaction] = []
        while true {
            let row = try rows.next()
            if let row {
                part.append(
                    try Interaction.stored(
                        event: try row.value(0), user: try row.value(1), item: try row.value(2), kind: try row.value(3),
                        time: try row.value(4), weight: try row.value(5), operation: "store.open"))
            }
            if part.count == HistoryBlock.most || row == nil {
                _ = try names.insert(part, database)
                part.removeAll(keepingCapacity: true)
            }
            if row == nil { return }
        }
    }
}

extension Row {
    /// A column as what it should be; subscripts of a row would end the process on a value of another type.
    func value<Value: DatabaseValueConvertible>(_ index: Int) throws -> Value { try decode(Value.self, atIndex: index) }
}

extension Interaction {
    /// From stored values, which were checked when they were written.
    static func stored(
        event: String?, user: String, item: String, kind: String, time: Int64, weight: Double,
        recommendation: String? = nil, operation: String
    ) throws -> Interaction {
        guard let kind = InteractionKind(kind),
            let interaction = try? Interaction(
                event: event.map(EventID.init), user: UserID(user), item: ItemID(item), kind: kind,
                timestamp: Timestamp(milliseconds: time), weight: Float(weight), recommendation: recommendation)
        else { throw StorageError(.corrupt, operation: operation, reason: "a stored row is not an interaction") }
        return interaction
    }
}
