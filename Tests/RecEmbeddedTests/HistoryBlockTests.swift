// History in blocks: codec, names, several processes, damaged values, and stores of before.
import Foundation
import GRDB
import RecTesting
import Testing

@testable import RecCore
@testable import RecEmbedded

@Suite struct HistoryBlockTests {
    private func event(_ number: Int, id: String? = nil) throws -> Interaction {
        try Interaction(
            event: id.map(EventID.init), user: UserID("user \(number % 7)"), item: ItemID("item \(number % 11)"),
            kind: number % 3 == 0 ? .view : .purchase, timestamp: Timestamp(milliseconds: Int64(number) * 1000),
            weight: Float(1 + number % 2))
    }

    @Test func tableOfNamesFollowsADictionary() {
        var generator = SystemRandomNumberGenerator()
        var table = NameTable()
        var names: [String] = []
        for _ in 0..<3000 {
            if !names.isEmpty, Int.random(in: 0..<40, using: &generator) == 0 {
                let kept = Int.random(in: 0...names.count, using: &generator)
                table.truncate(to: kept)
                names.removeLast(names.count - kept)
            }
            let name = String(repeating: "é", count: Int.random(in: 0..<9)) + "\(Int.random(in: 0..<800))"
            let place = names.firstIndex(of: name)
            #expect(table.number(of: name) == place ?? names.count)
            if place == nil { names.append(name) }
        }
        #expect(table.count == names.count)
        #expect(names.indices.allSatisfy { table.name($0) == names[$0] })
        var copy = NameTable()
        let isRead = copy.add(packed: table.packed(from: 0))
        #expect(isRead)
        #expect((0..<copy.count).map(copy.name) == names)
    }

    @Test func damagedBlocksAreNoBlocksAndNoTraps() throws {
        var block = HistoryBlock()
        for row in 0..<5 {
            block.users.append(UInt32(row))
            block.items.append(7)
            block.kinds.append(UInt16(row % 2))
            block.times.append(Int64(row) * -1000)
            block.weights.append(Float(1.5).bitPattern)
            block.events.append(row == 2 ? "named" : nil)
        }
        let bytes = block.encoded()
        let back = try #require(HistoryBlock(bytes, count: 5))
        #expect(back.users == block.users && back.items == block.items && back.kinds == block.kinds)
        #expect(back.times == block.times && back.weights == block.weights && back.events == block.events)
        for length in bytes.indices {
            #expect(HistoryBlock(Array(bytes.prefix(length)), count: 5) == nil)
        }
        for count in [-1, 0, 4, 6, 1 << 40] { #expect(HistoryBlock(bytes, count: count) == nil) }
        for place in bytes.indices {
            var damaged = bytes
            damaged[place] ^= 0xff
            // Some flips are other numbers; none may leave the bytes.
            _ = HistoryBlock(damaged, count: 5)
        }
    }

    @Test func pagesOfAnySizeCrossBlocks() async throws {
        let folder = EmbeddedStoreTests.Folder()
        let store = try await EmbeddedStore(folder: folder.path)
        let events = try (0..<50).map { try event($0, id: $0 % 5 == 0 ? "e\($0)" : nil) }
        for start in stride(from: 0, to: 50, by: 7) {
            _ = try await store.history.append(Array(events[start..<min(50, start + 7)]))
        }
        #expect(try await store.history.count() == 50)
        for limit in [1, 3, 7, 20, 100] {
            var found: [Interaction] = []
            var offset: Int64 = 0
            while true {
                let page = try await store.history.page(after: offset, limit: limit)
                if page.interactions.isEmpty { break }
                #expect(page.interactions.count == min(limit, 50 - found.count))
                found += page.interactions
                offset = page.nextOffset
            }
            #expect(found == events)
        }
    }

    @Test func twoProcessesNumberNamesAlike() async throws {
        let folder = EmbeddedStoreTests.Folder()
        let first = try await EmbeddedStore(folder: folder.path)
        let second = try await EmbeddedStore(folder: folder.path)
        let events = try (0..<40).map { try event($0 * 13) }
        for (number, event) in events.enumerated() {
            _ = try await (number % 2 == 0 ? first : second).history.append([event])
        }
        let third = try await EmbeddedStore(folder: folder.path)
        for store in [first, second, third] {
            #expect(try await store.history.page(after: 0, limit: 100).interactions == events)
        }
    }

    @Test func namesOfAFailedWriteAreForgotten() async throws {
        let folder = EmbeddedStoreTests.Folder()
        let store = try await EmbeddedStore(folder: folder.path)
        let outside = try DatabaseQueue(path: folder.path + "/store.sqlite")
        let refuse = "CREATE TRIGGER refuse BEFORE INSERT ON source BEGIN SELECT raise(ABORT, 'refused'); END"
        try await outside.write { try $0.execute(sql: refuse) }
        let position = SourcePosition(source: "s", fingerprint: "f", records: 9, rejected: 0)
        await #expect(throws: StorageError.self) {
            try await store.history.load((0..<9).map { try event($0) }, from: nil, to: position)
        }
        try await outside.write { try $0.execute(sql: "DROP TRIGGER refuse") }
        // Another process now gives the same numbers to other names.
        let other = try await EmbeddedStore(folder: folder.path)
        let events = try (20..<26).map { try event($0) }
        _ = try await other.history.append(Array(events.prefix(3)))
        _ = try await store.history.append(Array(events.suffix(3)))
        #expect(try await store.history.page(after: 0, limit: 100).interactions == events)
        #expect(try await other.history.page(after: 0, limit: 100).interactions == events)
    }

    @Test func damagedValuesOfTheFileAreCorrupt() async throws {
        for damage in [
            "UPDATE history_block SET rows = x'01ff'", "UPDATE history_block SET count = 1000",
            "UPDATE history_names SET users = x'05'", "UPDATE history_names SET users = x''",
            "UPDATE history_names SET kinds = x'0121'", "DELETE FROM history_names",
        ] {
            let folder = EmbeddedStoreTests.Folder()
            do {
                let store = try await EmbeddedStore(folder: folder.path)
                _ = try await store.history.append((0..<5).map { try event($0) })
            }
            try await DatabaseQueue(path: folder.path + "/store.sqlite").write { try $0.execute(sql: damage) }
            let store = try await EmbeddedStore(folder: folder.path)
            let error = await #expect(throws: StorageError.self) { try await store.history.page(after: 0, limit: 10) }
            #expect(error?.code == .corrupt, "\(damage)")
        }
    }

    @Test func rowsOfATableOfBeforeBecomeBlocks() async throws {
        let folder = EmbeddedStoreTests.Folder()
        _ = try await EmbeddedStore(folder: folder.path)
        do {
            let outside = try DatabaseQueue(path: folder.path + "/store.sqlite")
            try await outside.write { database in
                try database.execute(
                    sql: """
                        DROP TABLE history_block; DROP TABLE history_names; DROP TABLE history_known;
                        DELETE FROM grdb_migrations WHERE identifier IN ('4 history in blocks', '5 event ids by user');
                        CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
                        CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
                        CREATE TABLE kind (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
                        CREATE TABLE history (
                            id INTEGER PRIMARY KEY, user INTEGER NOT NULL REFERENCES user, item INTEGER NOT NULL REFERENCES item,
                            kind INTEGER NOT NULL REFERENCES kind, time INTEGER NOT NULL, weight REAL NOT NULL, event TEXT)
                            STRICT;
                        INSERT INTO user VALUES (1, 'a'), (2, 'b'); INSERT INTO item VALUES (1, 'x');
                        INSERT INTO kind VALUES (1, 'view');
                        INSERT INTO history VALUES (1, 2, 1, 1, 5000, 1, 'e1'), (2, 1, 1, 1, 6000, 2.5, NULL);
                        """)
            }
            try outside.close()
        }
        let store = try await EmbeddedStore(folder: folder.path)
        let events = try await store.history.page(after: 0, limit: 10).interactions
        #expect(events.map(\.user.rawValue) == ["b", "a"] && events.map(\.weight) == [1, 2.5])
        #expect(events.map(\.timestamp.milliseconds) == [5000, 6000] && events[0].event == EventID("e1"))
        #expect(try await store.history.append([events[0]]) == 0)
    }

    @Test func eventIDsOfBeforeAreKeptByUser() async throws {
        let folder = EmbeddedStoreTests.Folder()
        func event(_ id: String, _ user: String) throws -> Interaction {
            try Interaction(
                event: EventID(id), user: UserID(user), item: ItemID("x"), kind: .view,
                timestamp: Timestamp(milliseconds: 0))
        }
        let held = try event("e1", "a")
        _ = try await EmbeddedStore(folder: folder.path).history.append([held])
        do {
            let outside = try DatabaseQueue(path: folder.path + "/store.sqlite")
            try await outside.write { database in
                try database.execute(
                    sql: """
                        DROP TABLE history_known;
                        CREATE TABLE history_held (event TEXT PRIMARY KEY) WITHOUT ROWID, STRICT;
                        INSERT INTO history_held VALUES ('e1');
                        DELETE FROM grdb_migrations WHERE identifier = '5 event ids by user';
                        """)
            }
            try outside.close()
        }
        let store = try await EmbeddedStore(folder: folder.path)
        #expect(try await store.history.append([held, try event("e1", "b")]) == 1)
    }
}
