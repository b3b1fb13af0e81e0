// The store file keeps to every contract, survives a restart, and refuses what is not its own.
import Foundation
import GRDB
import RecCore
import RecTesting
import Testing

@testable import RecEmbedded

@Suite struct EmbeddedStoreTests {
    /// A folder that goes away with the test.
    final class Folder {
        let path = FileManager.default.temporaryDirectory.path + "/store-\(UUID().uuidString)"
        private var count = 0
        deinit { try? FileManager.default.removeItem(atPath: path) }
        /// An empty store in a folder of its own.
        func store() async throws -> EmbeddedStore {
            count += 1
            return try await EmbeddedStore(folder: path + "/\(count)")
        }
    }

    private func mode(_ path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }

    @Test func whatItMakesIsItsOwnersAlone() async throws {
        let folder = Folder()
        let path = folder.path + "/above/data"
        let store = try await EmbeddedStore(folder: path)
        try await store.users.upsert([UserProfile(id: UserID("u"), attributes: ["age": "30"])])

        for name in ["", "/models"] { #expect(try mode(path + name) == 0o700, "\(name)") }
        for name in ["/store.sqlite", "/store.sqlite-wal", "/store.sqlite-shm"] {
            #expect(try mode(path + name) == 0o600, "\(name)")
        }
    }

    @Test func rightsOfWhatIsThereStay() async throws {
        let folder = Folder()
        try FileManager.default.createDirectory(atPath: folder.path + "/data", withIntermediateDirectories: true)
        try FileManager.default.setAttributes([.posixPermissions: 0o750], ofItemAtPath: folder.path + "/data")
        _ = try await EmbeddedStore(folder: folder.path + "/data")
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o640], ofItemAtPath: folder.path + "/data/store.sqlite")

        _ = try await EmbeddedStore(folder: folder.path + "/data/")

        #expect(try mode(folder.path + "/data") == 0o750)
        #expect(try mode(folder.path + "/data/store.sqlite") == 0o640)
    }

    @Test func aFolderThatCannotBeMadeIsNamed() async throws {
        let folder = Folder()
        try FileManager.default.createDirectory(atPath: folder.path, withIntermediateDirectories: true)
        try Data("a file".utf8).write(to: URL(fileURLWithPath: folder.path + "/file"))

        for path in [folder.path + "/file", folder.path + "/file/data"] {
            let error = await #expect(throws: StorageError.self) { try await EmbeddedStore(folder: path) }
            #expect(error?.code == .unavailable && error?.reason.contains(path) == true)
        }
    }

    @Test func sessionsKeepToTheirContract() async throws {
        let folder = Folder()
        try await SessionStoreContract.verify { try await folder.store().sessions }
    }

    @Test func logKeepsToItsContract() async throws {
        let folder = Folder()
        try await InteractionLogContract.verify {
            let store = try await folder.store()
            return InteractionLogContract.Subject(log: store.log) { store.feed(group: $0) }
        }
    }

    @Test func repeatedHistoryLeavesTheLogAndNothingElseDoes() async throws {
        let folder = Folder()
        let store = try await folder.store()
        func event(_ id: String) throws -> Interaction {
            try Interaction(
                event: EventID(id), user: UserID("u"), item: ItemID("i"), kind: .purchase,
                timestamp: Timestamp(milliseconds: 1))
        }
        let (early, own) = (try event("early"), try event("h00000000000x"))
        let row = try event(NamedHistory.eventID(ofRow: 7).rawValue)
        try await store.log.append([early])
        let page = store.feed(group: "page", forgetsHistory: true)
        try await page.skipToEnd()
        try await store.log.append([row, own])
        let batch = try #require(try await page.nextBatch(atMost: 9, within: .zero))
        #expect(batch.interactions == [row, own])
        try await page.acknowledge(batch)
        let rest = try await store.feed(group: "other").nextBatch(atMost: 9, within: .zero)
        #expect(rest?.interactions == [early, own])
        let none = try await page.nextBatch(atMost: 9, within: .zero)
        #expect(none == nil)
    }

    @Test func impressionsKeepToTheirContract() async throws {
        let folder = Folder()
        try await ImpressionLogContract.verify { try await folder.store().impressions }
    }

    @Test func historyKeepsToItsContract() async throws {
        let folder = Folder()
        try await InteractionStoreContract.verify { try await folder.store().history }
    }

    @Test func catalogueKeepsToItsContract() async throws {
        let folder = Folder()
        try await ItemCatalogContract.verify { try await folder.store().catalog }
    }

    @Test func customersKeepToTheirContract() async throws {
        let folder = Folder()
        try await UserDirectoryContract.verify { try await folder.store().users }
    }

    @Test func modelsKeepToTheirContract() async throws {
        let folder = Folder()
        try await ModelStoreContract.verify { try await folder.store().models }
    }

    @Test func everythingIsThereAfterARestart() async throws {
        let folder = Folder()
        let shop = PlantedShop(users: 4, items: 6, days: 3)
        let events = try shop.interactions()
        do {
            let store = try await EmbeddedStore(folder: folder.path)
            _ = try await store.history.append(events)
            _ = try await store.sessions.record(events)
            try await store.log.append(events)
            let feed = store.feed(group: "g")
            if let batch = try await feed.nextBatch(atMost: 5, within: .seconds(1)) {
                try await feed.acknowledge(batch)
            }
            try await store.catalog.upsert(shop.catalog())
            try await store.models.publish(try shop.snapshot("v1"))
        }

        let store = try await EmbeddedStore(folder: folder.path)

        #expect(try await store.history.page(after: 0, limit: 100).interactions == events)
        let users = Set(events.map(\.user))
        let windows = try await store.sessions.states(of: Array(users))
        for user in users { #expect(windows[user] == SessionState(events.filter { $0.user == user })) }
        #expect(
            try await store.feed(group: "g").nextBatch(atMost: 100, within: .seconds(1))?.interactions
                == Array(events.dropFirst(5)))
        #expect(try await store.catalog.page(after: nil, limit: 100).count == 6)
        #expect(try await store.models.current()?.rawValue == "v1")
    }

    @Test func twoStoresOnOneFolderSeeEachOther() async throws {
        let folder = Folder()
        let writer = try await EmbeddedStore(folder: folder.path)
        let reader = try await EmbeddedStore(folder: folder.path)
        let events = try PlantedShop(users: 3, items: 4, days: 2).interactions()

        _ = try await writer.sessions.record(events)
        _ = try await writer.history.append(events)
        _ = try await reader.history.append(events)

        #expect(try await reader.sessions.states(of: [UserID("u0")])[UserID("u0")]?.interactions.count == 2)
        #expect(try await reader.history.count() == events.count)
        #expect(try await writer.history.count() == events.count)
    }

    @Test func fileThatIsNoDatabaseIsCorrupt() async throws {
        let folder = Folder()
        try FileManager.default.createDirectory(atPath: folder.path, withIntermediateDirectories: true)
        let file = folder.path + "/store.sqlite"
        let garbage = Data(repeating: 0x5a, count: 10_000)
        try garbage.write(to: URL(fileURLWithPath: file))

        let error = await #expect(throws: StorageError.self) { _ = try await EmbeddedStore(folder: folder.path) }

        #expect(error?.code == .corrupt)
        #expect(try Data(contentsOf: URL(fileURLWithPath: file)) == garbage)
    }

    @Test func folderThatIsAFileIsRefusedByName() async throws {
        let folder = Folder()
        try Data("a file".utf8).write(to: URL(fileURLWithPath: folder.path))

        let error = await #expect(throws: StorageError.self) { _ = try await EmbeddedStore(folder: folder.path) }

        #expect(error?.code == .unavailable)
        #expect(error?.reason.contains(folder.path) == true)
    }

    @Test func rowThatIsNoInteractionIsCorruptAndNotATrap() async throws {
        let folder = Folder()
        let store = try await EmbeddedStore(folder: folder.path)
        let outside = try DatabaseQueue(path: folder.path + "/store.sqlite")
        try await outside.write { database in
            try database.execute(
                sql: """
                    INSERT INTO session (user, event, item, kind, time, weight) VALUES ('u', 'e', 'i', 'No Kind!', 1, 1);
                    INSERT INTO log (event, user, item, kind, time, weight) VALUES ('e', 'u', 'i', 'view', 1, -1);
                    INSERT INTO catalog (id, attributes, hidden) VALUES ('i', '{not json', 0);
                    INSERT INTO impression (recommendation, version, policy, mode, time, seed, slate)
                    VALUES ('r', 'v1', 'p', 'm', 1, 1, '[]');
                    """)
        }

        for read in [
            { _ = try await store.sessions.states(of: [UserID("u")]) },
            { _ = try await store.feed(group: "g").nextBatch(atMost: 1, within: .zero) },
            { _ = try await store.catalog.items([ItemID("i")]) },
            { _ = try await store.catalog.changes(after: .start, limit: 1) },
            { _ = try await store.impressions.page(after: 0, limit: 1) },
        ] as [() async throws -> Void] {
            let error = await #expect(throws: StorageError.self) { try await read() }
            #expect(error?.code == .corrupt)
        }
    }

    @Test func valueOfAWrongTypeIsCorruptAndNotATrap() async throws {
        let folder = Folder()
        let store = try await EmbeddedStore(folder: folder.path)
        _ = try await store.sessions.record(try PlantedShop(users: 1, items: 2, days: 1).interactions())
        // A damaged page: the schema no longer says what the row holds.
        let outside = try DatabaseQueue(path: folder.path + "/store.sqlite")
        try await outside.write { database in
            try database.execute(
                sql: """
                    DROP TABLE session; DROP TABLE profile; DROP TABLE catalog;
                    CREATE TABLE session (user, event, item, kind, time, weight);
                    INSERT INTO session VALUES ('u0', 'e', x'ff00fe', 'view', 'abc', 'heavy');
                    CREATE TABLE profile (id, attributes);
                    INSERT INTO profile VALUES ('u0', NULL);
                    CREATE TABLE catalog (id, attributes, hidden);
                    INSERT INTO catalog VALUES ('i', '{}', 'maybe');
                    """)
        }

        for read in [
            { _ = try await store.sessions.states(of: [UserID("u0")]) },
            { _ = try await store.users.profiles(of: [UserID("u0")]) },
            { _ = try await store.catalog.page(after: nil, limit: 1) },
        ] as [() async throws -> Void] {
            let error = await #expect(throws: StorageError.self) { try await read() }
            #expect(error?.code == .corrupt)
        }
    }

    @Test func namesThatDifferInBytesAreDifferentNames() async throws {
        let folder = Folder()
        let store = try await EmbeddedStore(folder: folder.path)
        let names = ["caf\u{e9}", "cafe\u{301}"]
        let events = try names.map {
            try Interaction(
                event: EventID($0), user: UserID($0), item: ItemID($0), kind: .view,
                timestamp: Timestamp(milliseconds: 1))
        }

        #expect(try await store.history.append(events) == 2)
        let windows = try await store.sessions.record(events)

        #expect(windows.count == 2)
        let data = try await store.trainingData()
        #expect(data.builder.userIDs.map { Array($0.rawValue.utf8) } == names.map { Array($0.utf8) })
    }

    @Test func eventsOfTheLogReachTheHistoryOnce() async throws {
        let folder = Folder()
        let store = try await EmbeddedStore(folder: folder.path)
        let events = try PlantedShop(users: 3, items: 4, days: 2).interactions()
        try await store.log.append(events)

        #expect(try await store.takeLoggedEvents() == events.count)
        try await store.log.append(Array(events.prefix(2)))
        #expect(try await store.takeLoggedEvents() == 0)
        #expect(try await store.history.count() == events.count)
    }

    @Test func aFolderWithoutAStoreIsNotMadeByReaders() async throws {
        let folder = Folder()
        let error = await #expect(throws: StorageError.self) {
            _ = try await EmbeddedStore(folder: folder.path, creating: false)
        }
        #expect(error?.code == .notFound && error?.reason.contains("rec-ingest") == true)
        #expect(!FileManager.default.fileExists(atPath: folder.path))
    }

    @Test func failedTransactionLeavesNothingOfItself() async throws {
        let folder = Folder()
        let store = try await EmbeddedStore(folder: folder.path)
        let events = try PlantedShop(users: 3, items: 4, days: 2).interactions()
        let outside = try DatabaseQueue(path: folder.path + "/store.sqlite")
        // The names are refused by the file itself, in the middle of the transaction.
        try await outside.write { database in
            try database.execute(
                sql: """
                    CREATE TRIGGER refuse BEFORE INSERT ON history_names BEGIN SELECT raise(ABORT, 'refused'); END
                    """)
        }
        await #expect(throws: StorageError.self) { _ = try await store.history.append(events) }
        #expect(try await store.history.count() == 0)
        try await outside.write { try $0.execute(sql: "DROP TRIGGER refuse") }

        #expect(try await store.history.append(events) == events.count)

        #expect(try await store.history.page(after: 0, limit: 100).interactions == events)
    }

    @Test func aFileOfBeforeTheChangesIsMigratedWithoutALoss() async throws {
        let folder = Folder()
        let items = PlantedShop(items: 30).catalog()
        do {
            let store = try await EmbeddedStore(folder: folder.path)
            try await store.catalog.upsert(items)
            try await store.users.upsert([UserProfile(id: UserID("u"), attributes: ["age": "30"])])
        }
        // As the version before left it.
        do {
            let outside = try DatabaseQueue(path: folder.path + "/store.sqlite")
            try await outside.write { database in
                try database.execute(
                    sql: """
                        DROP TRIGGER catalog_inserted; DROP TRIGGER catalog_updated; DROP TRIGGER catalog_deleted;
                        DROP TABLE catalog_change;
                        DELETE FROM grdb_migrations WHERE identifier = '3 catalogue changes';
                        """)
            }
            try outside.close()
        }

        let store = try await EmbeddedStore(folder: folder.path)

        #expect(Set(try await store.catalog.page(after: nil, limit: 100)) == Set(items))
        #expect(try await store.users.page(after: nil, limit: 10).count == 1)
        let all = try await store.catalog.changes(after: .start, limit: 100)
        #expect(Set(all.changes) == Set(items.map { CatalogChange($0) }))
        try await store.catalog.remove([items[3].id])
        let behind = try await store.catalog.changes(after: all.cursor, limit: 100)
        #expect(behind.changes == [CatalogChange(removed: items[3].id)])
    }

    @Test func changesOfTwoProcessesHaveOneOrder() async throws {
        let folder = Folder()
        let first = try await EmbeddedStore(folder: folder.path)
        let second = try await EmbeddedStore(folder: folder.path)
        // A program of before the changes writes the old statement.
        let old = try DatabaseQueue(path: folder.path + "/store.sqlite")
        var cursor = CatalogCursor.start
        var told: [String] = []
        var written: [String] = []
        for number in 0..<30 {
            let item = CatalogItem(id: ItemID("i\(number % 20)"), attributes: ["round": "\(number)"])
            switch number % 3 {
            case 0: try await first.catalog.upsert([item])
            case 1: try await second.catalog.upsert([item])
            default:
                try await old.write { database in
                    try database.execute(
                        sql: "INSERT OR REPLACE INTO catalog (id, attributes, hidden) VALUES (?, ?, 0)",
                        arguments: [item.id.rawValue, "{\"round\":\"\(number)\"}"])
                }
            }
            written.append("\(item.id) \(number)")
            let page = try await (number % 2 == 0 ? first : second).catalog.changes(after: cursor, limit: 5)
            told += page.changes.map { "\($0.id) \($0.item?.attributes["round"] ?? "")" }
            cursor = page.cursor
        }

        #expect(told == written)
    }

    @Test func writingTheSameAgainIsNoChange() async throws {
        let folder = Folder()
        let store = try await EmbeddedStore(folder: folder.path)
        let items = PlantedShop(items: 10).catalog()
        try await store.catalog.upsert(items)
        let cursor = try await store.catalog.changes(after: .start, limit: 100).cursor

        try await store.catalog.upsert(items)

        #expect(try await store.catalog.changes(after: cursor, limit: 100).changes.isEmpty)
    }
}
