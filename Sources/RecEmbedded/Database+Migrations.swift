// The tables of the store file, as steps that never change once published.
import Foundation
import GRDB
import RecCore

extension StoreDatabase {
    static var migrator: DatabaseMigrator {
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
