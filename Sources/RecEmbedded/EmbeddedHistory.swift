// History in SQLite: packed blocks of rows, each in one transaction with the names it brings and its checkpoint.
import Foundation
import GRDB
import RecCore
import Synchronization

/// `InteractionStore` on the store file.
///
/// Rows are never changed but when a person is erased, and read from front to back: a block of up to 65,536 rows is one value
/// (see `HistoryBlock`), and names are stored once, in the order of their first use, beside the block that brings them.
public final class EmbeddedHistory: InteractionStore, PersonalDataStore {
    private let database: StoreDatabase
    /// All names as far as committed, and perhaps those of a write that is under way: see `Names.catchUp`.
    private let names = Mutex(Names())

    init(database: StoreDatabase) { self.database = database }

    public func append(_ interactions: [Interaction]) async throws(StorageError) -> Int {
        guard !interactions.isEmpty else { return 0 }
        return try await database.write("history.append") { [self] database in
            try names.withLock { try $0.insert(interactions, database) }
        }
    }

    public func load(
        _ interactions: [Interaction], from previous: SourcePosition?, to position: SourcePosition
    ) async throws(StorageError) {
        try await database.write("history.load") { [self] database in
            guard try Self.position(of: position.source, database) == previous,
                previous.map({ $0.source == position.source }) ?? true
            else {
                throw StorageError(
                    .conflict, operation: "history.load",
                    reason: "source \(position.source) stands elsewhere than the caller")
            }
            _ = try names.withLock { try $0.insert(interactions, database) }
            try database.execute(
                sql: "INSERT OR REPLACE INTO source (name, fingerprint, records, rejected) VALUES (?, ?, ?, ?)",
                arguments: [position.source, position.fingerprint, position.records, position.rejected])
        }
    }

    public func position(of source: String) async throws(StorageError) -> SourcePosition? {
        try await database.read("history.position") { try Self.position(of: source, $0) }
    }

    public func page(after offset: Int64, limit: Int) async throws(StorageError) -> HistoryPage {
        let offset = max(0, offset)
        return try await database.read("history.page") { [self] database in
            let statement = try database.cachedStatement(
                sql: """
                    SELECT first, count, rows FROM history_block
                    WHERE first >= coalesce((SELECT max(first) FROM history_block WHERE first <= ?), 0) ORDER BY first
                    """)
            var interactions: [Interaction] = []
            var last = offset
            // The first row of all has the number 1.
            let rows = try Row.fetchCursor(statement, arguments: [offset == .max ? offset : offset + 1])
            while interactions.count < limit, let row = try rows.next() {
                let first: Int64 = try row.value(0)
                let count: Int = try row.value(1)
                // The file may be damaged: its numbers are looked at before anything is computed with them.
                guard first >= 1, count >= 1, first <= Int64.max - Int64(count) else {
                    throw Self.corrupt("a block of \(count) rows begins at \(first)")
                }
                guard last < first + Int64(count) - 1 else { continue }
                let bytes: Data = try row.value(2)
                guard let block = HistoryBlock([UInt8](bytes), count: count) else {
                    throw Self.corrupt("rows \(first) and following are not a block of \(count) rows")
                }
                let start = Int(max(0, last + 1 - first))
                let window = start..<(start + min(count - start, limit - interactions.count))
                try names.withLock { try $0.read(block, window, into: &interactions, database) }
                last = first + Int64(window.upperBound) - 1
            }
            return HistoryPage(interactions: interactions, nextOffset: last)
        }
    }

    public func numberedReader() -> any NumberedHistoryReader { BlockReader(database: database) }

    public func count() async throws(StorageError) -> Int {
        try await database.read("history.count") { database in
            try Int.fetchOne(database, sql: "SELECT sum(count) FROM history_block") ?? 0
        }
    }

    /// Blocks with rows of the user are rewritten one after the other, in one transaction: memory is that of one block.
    public func erase(_ user: UserID) async throws(StorageError) -> Int {
        try await database.erase("history.erase") { [self] database in
            try names.withLock { try $0.erase(user.rawValue, database) }
        }
    }

    private static func position(of source: String, _ database: Database) throws -> SourcePosition? {
        try Row.fetchOne(
            database, sql: "SELECT fingerprint, records, rejected FROM source WHERE name = ?", arguments: [source]
        ).map {
            SourcePosition(
                source: source, fingerprint: try $0.value(0), records: try $0.value(1), rejected: try $0.value(2))
        }
    }

    /// The number behind the last row.
    fileprivate static func end(_ database: Database) throws -> Int64 {
        let held = try Int64.fetchOne(
            database, sql: "SELECT first + count FROM history_block ORDER BY first DESC LIMIT 1")
        return max(held ?? 1, try Int64.fetchOne(database, sql: "SELECT ends FROM history_erased") ?? 1)
    }

    static func corrupt(_ reason: String) -> StorageError {
        StorageError(.corrupt, operation: "history.page", reason: reason)
    }
}

/// Names of users, items and kinds as numbers.
struct Names: Sendable {
    private var users = NameTable()
    private var items = NameTable()
    private var kinds = NameTable()
    /// Kinds by number.
    private var kindValues: [InteractionKind] = []
    /// Number of the first row behind what the tables are known to hold for certain.
    private var committed: (end: Int64, users: Int, items: Int, kinds: Int) = (0, 0, 0, 0)
    /// Erasures that these names know of.
    private var erasures: Int64 = 0

    /// Makes the tables those of the transaction: forgets what a write added that may have failed, and reads what was
    /// committed since, by this process or another.
    private mutating func catchUp(_ database: Database) throws {
        let erasures =
            try Int64.fetchOne(
                database.cachedStatement(sql: "SELECT times FROM history_erased")) ?? 0
        if erasures != self.erasures {
            self = Names()
            self.erasures = erasures
        }
        users.truncate(to: committed.users)
        items.truncate(to: committed.items)
        kinds.truncate(to: committed.kinds)
        kindValues.removeLast(kindValues.count - kinds.count)
        let statement = try database.cachedStatement(
            sql: "SELECT first, users, items, kinds FROM history_names WHERE first > ? ORDER BY first")
        let rows = try Row.fetchCursor(statement, arguments: [committed.end])
        while let row = try rows.next() {
            let first: Int64 = try row.value(0)
            let parts: [Data] = [try row.value(1), try row.value(2), try row.value(3)]
            let isRight =
                users.add(packed: [UInt8](parts[0])) && items.add(packed: [UInt8](parts[1]))
                && kinds.add(packed: [UInt8](parts[2]))
            for number in kindValues.count..<max(kindValues.count, kinds.count) {
                guard let kind = InteractionKind(kinds.name(number)) else { break }
                kindValues.append(kind)
            }
            guard isRight, kindValues.count == kinds.count else {
                throw EmbeddedHistory.corrupt("the names of row \(first) are damaged")
            }
            committed = (first, users.count, items.count, kinds.count)
        }
    }

    /// Stores rows, without those whose event is held. - Returns: how many were new.
    mutating func insert(_ interactions: [Interaction], _ database: Database) throws -> Int {
        try catchUp(database)
        var first = try EmbeddedHistory.end(database)
        let event = try database.cachedStatement(
            sql: "INSERT INTO history_known (user, event) VALUES (?, ?) ON CONFLICT DO NOTHING")
        var new = 0
        for start in stride(from: 0, to: interactions.count, by: HistoryBlock.most) {
            let known = (users: users.count, items: items.count, kinds: kinds.count)
            var block = HistoryBlock()
            let part = interactions[start..<min(interactions.count, start + HistoryBlock.most)]
            block.reserve(part.count)
            for interaction in part {
                let user = users.number(of: interaction.user.rawValue)
                if let name = interaction.event?.rawValue {
                    try event.execute(arguments: [user, name])
                    if database.changesCount == 0 { continue }
                }
                block.users.append(UInt32(user))
                block.items.append(UInt32(items.number(of: interaction.item.rawValue)))
                block.kinds.append(try kindNumber(interaction.kind))
                block.times.append(interaction.timestamp.milliseconds)
                block.weights.append(interaction.weight.bitPattern)
                block.events.append(interaction.event?.rawValue)
            }
            guard !block.users.isEmpty else { continue }
            try database.cachedStatement(sql: "INSERT INTO history_block (first, count, rows) VALUES (?, ?, ?)")
                .execute(arguments: [first, block.users.count, Data(block.encoded())])
            let packed = [
                users.packed(from: known.users), items.packed(from: known.items), kinds.packed(from: known.kinds),
            ]
            if !packed.allSatisfy(\.isEmpty) {
                try database.cachedStatement(
                    sql: "INSERT INTO history_names (first, users, items, kinds) VALUES (?, ?, ?, ?)"
                ).execute(arguments: [first, Data(packed[0]), Data(packed[1]), Data(packed[2])])
            }
            first += Int64(block.users.count)
            new += block.users.count
        }
        return new
    }

    /// Removes a user's rows, and the name. Numbers of other rows stay: a block is cut where a row goes.
    /// - Returns: how many rows were removed.
    mutating func erase(_ user: String, _ database: Database) throws -> Int {
        try catchUp(database)
        guard let number = users.find(user) else { return 0 }
        let end = try EmbeddedHistory.end(database)
        let next = try database.cachedStatement(
            sql: "SELECT first, count, rows FROM history_block WHERE first > ? ORDER BY first LIMIT 1")
        let insert = try database.cachedStatement(
            sql: "INSERT INTO history_block (first, count, rows) VALUES (?, ?, ?)")
        var (last, removed): (Int64, Int) = (0, 0)
        while let row = try Row.fetchOne(next, arguments: [last]) {
            let first: Int64 = try row.value(0)
            let count: Int = try row.value(1)
            let bytes: Data = try row.value(2)
            guard let block = HistoryBlock([UInt8](bytes), count: count) else {
                throw EmbeddedHistory.corrupt("rows \(first) and following are not a block of \(count) rows")
            }
            last = first + Int64(count) - 1
            let own = block.users.indices.filter { block.users[$0] == UInt32(number) }
            guard !own.isEmpty else { continue }
            removed += own.count
            try database.execute(sql: "DELETE FROM history_block WHERE first = ?", arguments: [first])
            var start = 0
            for place in own + [count] {
                if start < place {
                    let part = block.rows(start..<place)
                    try insert.execute(arguments: [first + Int64(start), place - start, Data(part.encoded())])
                }
                start = place + 1
            }
        }
        try database.execute(sql: "DELETE FROM history_known WHERE user = ?", arguments: [number])
        try rename(number, database)
        try database.execute(
            sql: "UPDATE history_erased SET times = times + 1, ends = max(ends, ?)", arguments: [end])
        return removed
    }

    /// Puts a name that tells nothing in the place of a user's: the numbers behind it stay.
    private func rename(_ number: Int, _ database: Database) throws {
        var name = "erased-\(number)"
        while users.find(name) != nil { name += "-" }
        var known = 0
        let rows = try Row.fetchCursor(database, sql: "SELECT first, users FROM history_names ORDER BY first")
        while let row = try rows.next() {
            let first: Int64 = try row.value(0)
            let packed: Data = try row.value(1)
            guard var names = NameTable.names(packed: [UInt8](packed)) else {
                throw EmbeddedHistory.corrupt("the names of row \(first) are damaged")
            }
            guard number >= known + names.count else {
                names[number - known] = name
                return try database.execute(
                    sql: "UPDATE history_names SET users = ? WHERE first = ?",
                    arguments: [Data(NameTable.packed(names)), first])
            }
            known += names.count
        }
        throw EmbeddedHistory.corrupt("the name of user \(number) is missing")
    }

    private mutating func kindNumber(_ kind: InteractionKind) throws -> UInt16 {
        if let last = kindValues.firstIndex(of: kind) { return UInt16(last) }
        guard kindValues.count < Int(UInt16.max) else {
            throw StorageError(
                .rejected, operation: "history", reason: "more than \(UInt16.max) kinds of events cannot be held")
        }
        kindValues.append(kind)
        return UInt16(kinds.number(of: kind.rawValue))
    }

    /// Rows of a block, with their names.
    mutating func read(
        _ block: HistoryBlock, _ window: Range<Int>, into interactions: inout [Interaction], _ database: Database
    ) throws {
        try catchUp(database)
        interactions.reserveCapacity(interactions.count + window.count)
        for row in window {
            let (user, item, kind) = (Int(block.users[row]), Int(block.items[row]), Int(block.kinds[row]))
            guard user < users.count, item < items.count, kind < kindValues.count,
                let interaction = try? Interaction(
                    event: block.events.isEmpty ? nil : block.events[row].map(EventID.init),
                    user: UserID(users.name(user)), item: ItemID(items.name(item)), kind: kindValues[kind],
                    timestamp: Timestamp(milliseconds: block.times[row]),
                    weight: Float(bitPattern: block.weights[row]))
            else { throw EmbeddedHistory.corrupt("a stored row is not an interaction") }
            interactions.append(interaction)
        }
    }
}

/// Reads blocks as they are stored; its numbers are those of the store.
private struct BlockReader: NumberedHistoryReader {
    let database: StoreDatabase
    private var last: Int64 = 0
    /// Number of the row that brought the names read last.
    private var named: Int64 = 0
    private var counts = (users: 0, items: 0, kinds: 0)

    init(database: StoreDatabase) { self.database = database }

    mutating func next(limit: Int) async throws(StorageError) -> NumberedPage? {
        let (last, named, counts) = (last, named, counts)
        let page = try await database.read("history.read") { database in
            try Self.page(after: last, named: named, limit: limit, counts, database)
        }
        guard let page else { return nil }
        (self.last, self.named) = (page.last, page.named)
        self.counts.users += page.page.newUsers.count
        self.counts.items += page.page.newItems.count
        self.counts.kinds += page.page.newKinds.count
        return page.page
    }

    private static func page(
        after last: Int64, named: Int64, limit: Int, _ counts: (users: Int, items: Int, kinds: Int),
        _ database: Database
    ) throws -> (page: NumberedPage, last: Int64, named: Int64)? {
        var page = NumberedPage()
        var (last, named) = (last, named)
        let statement = try database.cachedStatement(
            sql: "SELECT first, count, rows FROM history_block WHERE first > ? ORDER BY first")
        // The row that brought a name may be erased: names are those of all rows up to the block.
        let naming = try database.cachedStatement(
            sql: "SELECT first, users, items, kinds FROM history_names WHERE first > ? AND first <= ? ORDER BY first")
        let rows = try Row.fetchCursor(statement, arguments: [last])
        while page.users.count < limit, let row = try rows.next() {
            let first: Int64 = try row.value(0)
            let count: Int = try row.value(1)
            guard count >= 1, first <= Int64.max - Int64(count) else {
                throw EmbeddedHistory.corrupt("a block of \(count) rows begins at \(first)")
            }
            let bytes: Data = try row.value(2)
            guard let block = HistoryBlock([UInt8](bytes), count: count) else {
                throw EmbeddedHistory.corrupt("rows \(first) and following are not a block of \(count) rows")
            }
            for names in try Row.fetchAll(naming, arguments: [named, first]) {
                named = try names.value(0)
                try Self.add(names, to: &page)
            }
            let ends = (
                counts.users + page.newUsers.count, counts.items + page.newItems.count,
                counts.kinds + page.newKinds.count
            )
            guard block.users.allSatisfy({ $0 < ends.0 }), block.items.allSatisfy({ $0 < ends.1 }),
                block.kinds.allSatisfy({ $0 < ends.2 })
            else { throw EmbeddedHistory.corrupt("row \(first) and following name what is not there") }
            page.users += block.users.map { Int32($0) }
            page.items += block.items.map { Int32($0) }
            page.kinds += block.kinds
            page.timestamps += block.times.map { Timestamp(milliseconds: $0) }
            last = first + Int64(count) - 1
        }
        return page.users.isEmpty ? nil : (page, last, named)
    }

    /// The names of a row of `history_names`.
    private static func add(_ row: Row, to page: inout NumberedPage) throws {
        let first: Int64 = try row.value(0)
        let parts: [Data] = [try row.value(1), try row.value(2), try row.value(3)]
        let texts = parts.compactMap { NameTable.names(packed: [UInt8]($0)) }
        guard texts.count == 3 else { throw EmbeddedHistory.corrupt("the names of row \(first) are damaged") }
        let kinds = texts[2].compactMap(InteractionKind.init)
        guard kinds.count == texts[2].count else {
            throw EmbeddedHistory.corrupt("the names of row \(first) are damaged")
        }
        page.newUsers += texts[0].map(UserID.init)
        page.newItems += texts[1].map(ItemID.init)
        page.newKinds += kinds
    }
}
