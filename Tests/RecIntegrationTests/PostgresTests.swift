// PostgreSQL keeps to the contracts, to the bytes of texts and to the order of commits.
import Foundation
import RecCore
import RecTesting
import Testing

@testable import RecStorage

@Suite(.enabled(if: PrivatePostgres.isInstalled, "PostgreSQL 15 is not installed"), .privatePostgres)
struct PostgresTests {
    private var server: PrivatePostgres {
        get throws { try #require(PrivatePostgres.current) }
    }

    private func event(_ user: String, item: String = "item", event: String? = nil, minute: Int = 0) throws
        -> Interaction
    {
        try Interaction(
            event: event.map(EventID.init), user: UserID(user), item: ItemID(item), kind: .purchase,
            timestamp: Timestamp(milliseconds: 1_600_000_000_000 + Int64(minute) * 60_000), weight: 2)
    }

    // MARK: - Contracts

    @Test func historyKeepsToItsContract() async throws {
        let server = try server
        try await InteractionStoreContract.verify { try await server.freshStore().history }
    }

    @Test func catalogueKeepsToItsContract() async throws {
        let server = try server
        try await ItemCatalogContract.verify { try await server.freshStore().catalog }
    }

    @Test func usersKeepToTheirContract() async throws {
        let server = try server
        try await UserDirectoryContract.verify { try await server.freshStore().users }
    }

    @Test func impressionsKeepToTheirContract() async throws {
        let server = try server
        try await ImpressionLogContract.verify { try await server.freshStore().impressions }
    }

    @Test func modelsKeepToTheirContract() async throws {
        let server = try server
        try await ModelStoreContract.verify { try await server.freshStore().models(files: InMemoryStores().models) }
    }

    @Test func anActivationHoldsForEveryServerOfTheRegistry() async throws {
        let database = try await server.freshStore()
        let files = InMemoryStores().models
        let (one, other) = (database.models(files: files), database.models(files: files))
        try await one.publish(try PlantedShop().snapshot("v1"))
        try await one.publish(try PlantedShop().snapshot("v2"))

        try await other.activate(try #require(ModelVersion("v1")))

        #expect(try await one.current()?.rawValue == "v1")
    }

    @Test func aRefusedRowIsNotedOnce() async throws {
        let server = try server
        let database = try await server.freshDatabase()
        let store = try await PostgresStore(try PostgresConfiguration(server.connection(database)))

        try await store.rejects.add([(2, "user is empty"), (7, "has 1 columns")], of: "a.csv")
        try await store.rejects.add([(7, "has 1 columns"), (9, "'; DROP TABLE reject")], of: "a.csv")
        try await store.rejects.add([], of: "b.csv")

        let noted = try await server.sql("SELECT source, line, reason FROM reject ORDER BY line", in: database)
        #expect(noted == "a.csv|2|user is empty\na.csv|7|has 1 columns\na.csv|9|'; DROP TABLE reject")
    }

    // MARK: - Texts

    @Test func theOrderOfBytesIsNotTheDatabasesOwn() async throws {
        let database = try await server.freshDatabase()

        #expect(try await server.sql("SELECT 'a' < 'B', 'a' COLLATE \"C\" < 'B'", in: database) == "t|f")
    }

    @Test func textsThatBreakOtherFormatsComeBackByteForByte() async throws {
        let store = try await server.freshStore()
        let names = [
            "\\.", "\\N", "\\", "\"", "'", "''; DROP TABLE history; --", ",", "NULL", "{a,b}", "$1", "%s%n", " ", "🧦",
            "caf\u{e9}", "cafe\u{301}", "\u{feff}", "\u{fffd}", "\u{10ffff}",
        ]
        let events = try names.flatMap { [try event($0, item: $0), try event($0, item: $0, event: $0)] }
        let texts = names + ["a\n\\.\nb", "\r\n", "\t", "\u{1}\u{7f}", "\u{2028}"]
        let items = texts.map { CatalogItem(id: ItemID($0), attributes: [$0: $0], isHidden: false) }

        #expect(try await store.history.append(events) == events.count)
        try await store.history.load(
            events.filter { $0.event == nil }, from: nil,
            to: SourcePosition(source: "a\n\\.\tb", fingerprint: "\\N", records: 1, rejected: 0))
        try await store.catalog.upsert(items)

        func bytes(_ interactions: [Interaction]) -> [[UInt8]] {
            interactions.map {
                Array(($0.user.rawValue + "/" + $0.item.rawValue + "/" + ($0.event?.rawValue ?? "")).utf8)
            }
        }
        let page = try await store.history.page(after: 0, limit: 1000)
        #expect(bytes(page.interactions) == bytes(events + events.filter { $0.event == nil }))
        #expect(try await store.history.position(of: "a\n\\.\tb")?.fingerprint == "\\N")
        let found = try await store.catalog.items(items.map(\.id))
        #expect(found.count == items.count)
        for item in items {
            let attributes = try #require(found[item.id]).attributes
            #expect(attributes.map { Array($0.key.utf8) } == [Array(item.id.rawValue.utf8)])
            #expect(attributes.map { Array($0.value.utf8) } == [Array(item.id.rawValue.utf8)])
        }
    }

    @Test func textsWithNULAreRejectedAndNothingElseIs() async throws {
        let store = try await server.freshStore()
        let row = try event("u")
        let attempts: [@Sendable () async throws -> Void] = [
            { try await store.catalog.upsert([CatalogItem(id: ItemID("a"), attributes: ["name": "x\0y"])]) },
            { try await store.catalog.upsert([CatalogItem(id: ItemID("a\0"), attributes: [:])]) },
            { try await store.users.upsert([UserProfile(id: UserID("a"), attributes: ["\0": "x"])]) },
            { _ = try await store.users.profiles(of: [UserID("\0")]) },
            {
                try await store.history.load(
                    [row], from: nil, to: SourcePosition(source: "s\0", fingerprint: "f", records: 1, rejected: 0))
            },
        ]

        for attempt in attempts {
            let error = await #expect(throws: StorageError.self) { try await attempt() }
            #expect(error?.code == .rejected)
            #expect(error?.reason.contains("NUL") == true)
        }

        #expect(try await store.history.append([row]) == 1)
        #expect(try await store.history.count() == 1)
        #expect(try await store.catalog.page(after: nil, limit: 10).isEmpty)
    }

    @Test func errorsTellTheConstraintAndNotTheRow() async throws {
        let database = try await server.freshDatabase()
        let store = try await PostgresStore(try PostgresConfiguration(try server.connection(database)))
        try await server.sql(
            "ALTER TABLE history ADD CONSTRAINT not_her CHECK (user_id NOT LIKE 'secret%')", in: database)
        let rows = try (0..<50).map { try event($0 == 40 ? "secret user" : "u\($0)", item: "secret item") }
        let long = String((0..<9_000).map { _ in Character(UnicodeScalar(UInt8.random(in: 97...122))) })

        let refused = await #expect(throws: StorageError.self) { _ = try await store.history.append(rows) }
        let tooLong = await #expect(throws: StorageError.self) {
            try await store.catalog.upsert([CatalogItem(id: ItemID(long), attributes: [:])])
        }

        #expect(refused?.code == .conflict)
        #expect(refused?.reason.contains("not_her") == true)
        #expect(refused?.description.contains("secret") == false)
        #expect(tooLong?.code == .rejected)
        #expect(tooLong?.description.contains(String(long.prefix(20))) == false)
        #expect(try await store.history.count() == 0)
    }

    // MARK: - History

    @Test func bulkRowsWithEventsAreHeldOnceAndOthersAlways() async throws {
        let store = try await server.freshStore()
        let named = try (0..<300).map { try event("u\($0 % 7)", item: "i\($0)", event: "e\($0 % 200)") }
        let nameless = try (0..<50).map { try event("u\($0)") }
        let at = SourcePosition(source: "file", fingerprint: "f", records: 350, rejected: 0)

        _ = try await store.history.append(Array(named.prefix(10)))
        try await store.history.load(named + nameless, from: nil, to: at)

        var held: Set<String> = []
        let first = named.filter { held.insert("\($0.user) \($0.event?.rawValue ?? "")").inserted }
        let page = try await store.history.page(after: 0, limit: 1000)
        #expect(page.interactions == first + nameless)
        #expect(try await store.history.count() == first.count + 50)
    }

    @Test func aRowThatTheTableDropsIsNoticed() async throws {
        let database = try await server.freshDatabase()
        let store = try await PostgresStore(try PostgresConfiguration(try server.connection(database)))
        try await server.sql(
            """
            CREATE FUNCTION pass_over() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
            CREATE TRIGGER pass_over BEFORE INSERT ON history FOR EACH ROW WHEN (NEW.user_id = 'u5')
                EXECUTE FUNCTION pass_over();
            """, in: database)
        let rows = try (0..<10).map { try event("u\($0)") }

        let error = await #expect(throws: StorageError.self) { _ = try await store.history.append(rows) }

        #expect(error?.reason.contains("10 rows were sent and the server counted 9") == true)
        #expect(try await server.sql("SELECT count(*) FROM history", in: database) == "0")
        #expect(try await store.history.count() == 0)
    }

    @Test func onePersonIsForgotten() async throws {
        try await PersonalDataContract.verifyHistory { try await server.freshStore().history }
        try await PersonalDataContract.verifyImpressions { try await server.freshStore().impressions }
    }

    @Test func rowsErasedByHandLeaveTheCountAndThePagesRight() async throws {
        let database = try await server.freshDatabase()
        let store = try await PostgresStore(try PostgresConfiguration(try server.connection(database)))
        _ = try await store.history.append(try (0..<100).map { try event("u\($0 / 10)") })

        try await server.sql("DELETE FROM history WHERE user_id = 'u3'", in: database)

        #expect(try await store.history.count() == 90)
        var found = 0
        var offset: Int64 = 0
        while true {
            let page = try await store.history.page(after: offset, limit: 5)
            if page.interactions.isEmpty { break }
            found += page.interactions.count
            offset = page.nextOffset
        }
        #expect(found == 90)
        #expect(try await store.history.append([try event("new")]) == 1)
        #expect(try await store.history.page(after: offset, limit: 5).interactions.map(\.user) == [UserID("new")])
    }

    @Test func ofTwoLoadersAtOnceOneIsAConflict() async throws {
        let database = try await server.freshDatabase()
        let configuration = try PostgresConfiguration(try server.connection(database))
        let stores = [try await PostgresStore(configuration), try await PostgresStore(configuration)]
        let rows = try (0..<2_000).map { try event("u\($0)") }

        for round in 0..<5 {
            let from =
                round == 0
                ? nil : SourcePosition(source: "file", fingerprint: "f", records: Int64(round) * 2_000, rejected: 0)
            let to = SourcePosition(source: "file", fingerprint: "f", records: Int64(round + 1) * 2_000, rejected: 0)
            let codes = await withTaskGroup { group in
                for store in stores {
                    group.addTask { () -> StorageError.Code? in
                        do throws(StorageError) {
                            try await store.history.load(rows, from: from, to: to)
                            return nil
                        } catch {
                            return error.code
                        }
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(codes.count { $0 == nil } == 1)
            #expect(codes.compactMap { $0 } == [.conflict])
        }

        #expect(
            try await server.sql("SELECT count(*), count(DISTINCT position) FROM history", in: database)
                == "10000|10000")
        #expect(try await stores[0].history.count() == 10_000)
    }

    @Test func aReaderOfHistoryMissesNothingOfManyWriters() async throws {
        let server = try server
        let store = try await server.freshStore()

        let read = try await withThrowingTaskGroup { group in
            for writer in 0..<4 {
                group.addTask {
                    for batch in 0..<15 {
                        let rows = try (0..<20).map { number in
                            try Interaction(
                                event: batch % 2 == 0 ? EventID("e\(batch)-\(number)") : nil,
                                user: UserID("w\(writer)"),
                                item: ItemID("\(batch * 20 + number)"), kind: .view,
                                timestamp: Timestamp(milliseconds: 0))
                        }
                        _ = try await store.history.append(rows)
                    }
                }
            }
            var read: [Interaction] = []
            var offset: Int64 = 0
            let deadline = ContinuousClock.now + .seconds(60)
            while read.count < 1200, ContinuousClock.now < deadline {
                let page = try await store.history.page(after: offset, limit: 50)
                read += page.interactions
                offset = page.nextOffset
            }
            try await group.waitForAll()
            return read
        }

        #expect(read.count == 1200)
        for writer in 0..<4 {
            let items = read.filter { $0.user == UserID("w\(writer)") }.map(\.item.rawValue)
            #expect(items == (0..<300).map(String.init))
        }
    }

    // MARK: - Catalogue

    @Test func aChangeThatIsNotCommittedHoldsBackThoseBehindIt() async throws {
        let database = try await server.freshDatabase()
        let store = try await PostgresStore(
            try PostgresConfiguration(try server.connection(database, application: "late")))
        let other = try server.pool(database, application: "early")
        let late = CatalogItem(id: ItemID("late"), attributes: [:])

        // Another program's statement, in a transaction that stays open while `late` is written.
        let writing = try await other.run("test") { session in
            try session.transaction { session in
                try session.script("INSERT INTO catalog VALUES ('early', '{}', false)")
                let writing = Task { try await store.catalog.upsert([late]) }
                let deadline = ContinuousClock.now + .seconds(20)
                var isWaiting = false
                while !isWaiting, ContinuousClock.now < deadline {
                    isWaiting =
                        try session.query(
                            """
                            SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid)
                            WHERE locktype = 'advisory' AND NOT granted AND application_name = 'late'
                            """
                        ).integer(0, 0) == 1
                }
                #expect(isWaiting)
                #expect(try session.query("SELECT count(*) FROM catalog_change").integer(0, 0) == 1)
                return writing
            }
        }
        try await writing.value

        var told: [String] = []
        var cursor = CatalogCursor.start
        let deadline = ContinuousClock.now + .seconds(20)
        while told.count < 2, ContinuousClock.now < deadline {
            let page = try await store.catalog.changes(after: cursor, limit: 1)
            told += page.changes.map(\.id.rawValue)
            cursor = page.cursor
        }
        #expect(told == ["early", "late"])
    }

    @Test func aReaderOfChangesMissesNothingOfManyWriters() async throws {
        let database = try await server.freshDatabase()
        let configuration = try PostgresConfiguration(try server.connection(database), poolSize: 8)
        let store = try await PostgresStore(configuration)

        var state: [ItemID: CatalogItem] = [:]
        var cursor = CatalogCursor.start
        func read(_ changes: CatalogChanges) {
            for change in changes.changes { state[change.id] = change.item }
            cursor = changes.cursor
        }
        try await withThrowingTaskGroup { group in
            for writer in 0..<5 {
                group.addTask {
                    var generator = SplitMix64(seed: UInt64(writer))
                    for round in 0..<20 {
                        let ids = (0..<3).map { _ in ItemID("i\(Int.random(in: 0..<40, using: &generator))") }
                        if round % 5 == 4 {
                            try await store.catalog.remove(ids)
                        } else {
                            try await store.catalog.upsert(
                                ids.map { CatalogItem(id: $0, attributes: ["by": "\(writer) \(round)"]) })
                        }
                    }
                }
            }
            for _ in 0..<100 { read(try await store.catalog.changes(after: cursor, limit: 2)) }
            try await group.waitForAll()
        }
        while true {
            let page = try await store.catalog.changes(after: cursor, limit: 7)
            if page.changes.isEmpty { break }
            read(page)
        }

        #expect(state.isEmpty == false)
        #expect(Set(state.values) == Set(try await store.catalog.page(after: nil, limit: 1000)))
    }

    @Test func writingTheSameAgainIsNoChangeAndEmptyingIsOne() async throws {
        let database = try await server.freshDatabase()
        let store = try await PostgresStore(try PostgresConfiguration(try server.connection(database)))
        let items = (0..<10).map { CatalogItem(id: ItemID("i\($0)"), attributes: ["a": "1", "b": "\($0)"]) }
        try await store.catalog.upsert(items)
        let cursor = try await store.catalog.changes(after: .start, limit: 100).cursor

        try await store.catalog.upsert(items)
        #expect(try await store.catalog.changes(after: cursor, limit: 100).changes.isEmpty)

        try await server.sql("UPDATE catalog SET id = 'j' WHERE id = 'i3'; TRUNCATE catalog", in: database)
        let told = try await store.catalog.changes(after: cursor, limit: 100).changes
        #expect(Set(told) == Set((items.map(\.id) + [ItemID("j")]).map(CatalogChange.init(removed:))))
    }
}
