// The ingest on the corpus of bad rows, by column names, with repeats and interruptions.
import Foundation
import RecCore
import RecTesting
import Synchronization
import Testing

@testable import RecFiles

@Suite struct IngestTests {
    private func ingest(_ options: IngestOptions, into store: InMemoryStores) async throws -> IngestReport {
        try await IngestPipeline(options, history: store.history, catalog: store.catalog, users: store.users).run()
    }

    @Test("F19 every bad row of the corpus is listed with its line and reason, and nothing is silent")
    func everyBadRowIsListedWithItsLineAndReason() async throws {
        let scratch = try Scratch()
        let long = String(repeating: "z", count: 70_000)
        let id256 = String(repeating: "i", count: 256)
        let text: [String] = [
            "\u{feff}user_id,item_id,timestamp,event,weight\r\n",
            "u1,0001,2020-09-22,view,1\r\n",  // 2
            "u1,0002\n",  // 3 torn
            "u1,0003,2020-09-22,view,1,more\n",  // 4
            "u1,0004,2020-09-22,view,NaN\n",  // 5
            "u1,0005,2020-09-22,view,1e999\n",  // 6
            "u1,0006,2019-02-30,view,1\n",  // 7
            ",0007,2020-09-22,view,1\n",  // 8
            "u1,,2020-09-22,view,1\n",  // 9
            "\"u\"\"1\",\"a,b\",2020-09-22T10:11:12Z,Purchase,2\n",  // 10 good
            "\"u\n1\",0010,2020-09-22,view,1\n",  // 11, 12: a line end in an id
            "u1,0012,2020-09-22,view,-1\n",  // 13
            "u1,0013,2020-09-22,view,0\n",  // 14
            "u1,\(long),2020-09-22,view,1\n",  // 15
            "u1,\(id256),2020-09-22,view,1\n",  // 16
            "u1,0016,2020-09-22,not a kind,1\n",  // 17
            "u1,0017,,view,1\n",  // 18
            "u1,00\u{0}18,2020-09-22,view,1\n",  // 19
            "u1,0019,2020-09-22,view,\"1\n",  // 20 stray quote
            "\\.\n",  // 21 the end mark of another format
            "\n",  // 22 blank
            "u1,00\u{1}22,2020-09-22,view,1\n",  // 23
            "u1,0023,2020-09-22,,\n",  // 24 good, with defaults
            "u1,0024,9999-12-31,view,1\n",  // 25
            "u1,0025,1600769472,view,1",  // 26 good, no line end
        ]
        let path = try scratch.file("bad.csv", text.joined())
        let store = InMemoryStores()
        let rejects = scratch.path + "/rejects.csv"

        let report = try await ingest(IngestOptions(paths: [path], rejects: rejects), into: store)

        let columns = "columns, the header has 5"
        let expected: [(Int, String)] = [
            (3, "has 2 \(columns)"), (4, "has 6 \(columns)"), (5, "weight is not a number"),
            (6, "weight is not a finite number above zero"),
            (7, "timestamp is not a day, an ISO 8601 time or a Unix time that exists"), (8, "user is empty"),
            (9, "item is empty"), (11, "user holds a control character"),
            (13, "weight is not a finite number above zero"), (14, "weight is not a finite number above zero"),
            (15, "holds a field longer than 65536 bytes"), (16, "item is longer than 255 bytes"),
            (17, "event is not a name of at most 32 letters a to z, digits, _ and -"), (18, "timestamp is empty"),
            (19, "holds a NUL byte"), (20, "holds a quote that is not closed"), (21, "has 1 \(columns)"),
            (23, "item holds a control character"), (25, "timestamp lies in the future"),
        ]
        let list = try rows(rejects)
        #expect(
            list.map { row -> [String] in if case .fields(_, let fields) = row { fields } else { [] } }
                == expected.map { ["bad.csv", "\($0.0)", $0.1] })
        #expect(report.rejected == Int64(expected.count))
        #expect(report.read == report.interactions + report.rejected)
        #expect(store.history.interactions.map(\.item.rawValue) == ["0001", "a,b", "0023", "0025"])
        #expect(store.history.interactions.map(\.kind) == [.view, .purchase, .purchase, .view])
        #expect(store.history.interactions.map(\.weight) == [1, 2, 1, 1])
        #expect(store.history.interactions.map(\.user.rawValue) == ["u1", "u\"1", "u1", "u1"])
    }

    @Test func refusedRowsAreToldBeforeTheirChunkIsStored() async throws {
        let scratch = try Scratch()
        let file = try scratch.file("rows.csv", "user_id,item_id\nu,i\nu\n,i\n")
        let store = InMemoryStores()
        store.faults.fail("history.load", .unavailable)
        let told = Mutex<[String]>([])
        let pipeline = IngestPipeline(
            IngestOptions(paths: [file]), history: store.history, catalog: store.catalog, users: store.users,
            refused: { source, rows in told.withLock { told in told += rows.map { "\(source) \($0.line)" } } })

        await #expect(throws: IngestError.self) { try await pipeline.run() }

        #expect(told.withLock { $0 } == ["rows.csv 3", "rows.csv 4"])
        #expect(store.history.interactions.isEmpty)
    }

    @Test func interruptedIngestGoesOnExactly() async throws {
        let scratch = try Scratch()
        let lines = (0..<1000).map {
            $0 % 7 == 3 ? "u\($0),i,bad day,view,1" : "u\($0),i\($0 % 9),2020-01-0\($0 % 9 + 1),view,1"
        }
        let path = try scratch.file(
            "train.csv", "user_id,item_id,timestamp,event,weight\n" + lines.joined(separator: "\n"))
        let whole = InMemoryStores()
        var options = IngestOptions(paths: [path], rejects: scratch.path + "/whole.csv", chunk: 37)
        let expected = try await ingest(options, into: whole)

        let store = InMemoryStores()
        options.rejects = scratch.path + "/parts.csv"
        for good in [1, 0, 5, 10] {
            store.faults.fail("history.load", .unavailable, skipping: good)
            let error = await #expect(throws: IngestError.self) { try await ingest(options, into: store) }
            guard case .storage = error else {
                Issue.record("stopped by \(String(describing: error))")
                return
            }
        }
        let report = try await ingest(options, into: store)

        #expect(store.history.interactions == whole.history.interactions)
        #expect(report.read == expected.read)
        #expect(report.interactions == expected.interactions)
        #expect(report.files[0].earlier > 0)
        #expect(try scratch.text("parts.csv") == scratch.text("whole.csv"))
        let again = try await ingest(options, into: store)
        #expect(store.history.interactions == whole.history.interactions)
        #expect(again.files[0].earlier == expected.read)
        #expect(try scratch.text("parts.csv") == scratch.text("whole.csv"))
    }

    @Test func changedFileAndChangedOptionsAreRefused() async throws {
        let scratch = try Scratch()
        let path = try scratch.file("train.csv", "user_id,item_id,other\nu,i,j\n")
        let store = InMemoryStores()
        _ = try await ingest(IngestOptions(paths: [path]), into: store)

        let options = await #expect(throws: IngestError.self) {
            try await ingest(IngestOptions(paths: [path], item: "other"), into: store)
        }
        #expect(options?.description.contains("other options") == true)
        _ = try scratch.file("train.csv", "user_id,item_id,other\nu,i,k\n")
        let content = await #expect(throws: IngestError.self) {
            try await ingest(IngestOptions(paths: [path]), into: store)
        }
        #expect(content?.description.contains("has changed since 1 rows") == true)
        #expect(store.history.interactions.count == 1)
    }

    @Test func splitFolderLoadsWithoutFlagsAndUntimedRowsShareOneMoment() async throws {
        let scratch = try Scratch()
        _ = try scratch.file(
            "train.csv", "user_id,item_id,timestamp,event,weight\nu,a,,view,1\nu,b,,view,1\nu,c,2020-01-01,view,1\n")
        _ = try scratch.file("items.csv", "item_id,name,colour\na,Alpha,\nb,\"Be,ta\",red\n")
        _ = try scratch.file("users.csv", "user_id,age\nu,30\n,31\n")
        _ = try scratch.file("test.csv", "user_id,item_id\nu,a\n")
        let store = InMemoryStores()

        let report = try await ingest(IngestOptions(paths: [scratch.path]), into: store)

        #expect(store.history.interactions.map(\.timestamp.milliseconds) == [86_400_000, 86_400_000])
        #expect(report.files.last?.reasons == ["timestamp is filled, but empty in the first row of the file": 1])
        #expect(store.catalog.content["a"]?.attributes == ["name": "Alpha"])
        #expect(store.catalog.content["b"]?.attributes == ["name": "Be,ta", "colour": "red"])
        #expect(report.ignored == ["test.csv"])
        #expect(store.users.content[UserID("u")]?.attributes == ["age": "30"])
        #expect(report.files.first { $0.name == "users.csv" }?.reasons == ["user is empty": 1])
    }

    @Test func itemsAloneAreLoadedAndHiddenOnesStayHidden() async throws {
        let scratch = try Scratch()
        let items = try scratch.file("new.csv", "sku,name\na,Alpha\nb,Beta\n")
        let store = InMemoryStores()
        try await store.catalog.upsert([CatalogItem(id: "a", attributes: [:], isHidden: true)])

        let report = try await ingest(IngestOptions(paths: [], itemsFile: items), into: store)

        #expect(store.catalog.content["a"] == CatalogItem(id: "a", attributes: ["name": "Alpha"], isHidden: true))
        #expect(store.catalog.content["b"]?.attributes == ["name": "Beta"])
        #expect(report.files.map(\.loaded) == [2])
        await #expect(throws: IngestError.self) { try await ingest(IngestOptions(paths: []), into: store) }
    }

    @Test func namedTimeColumnMustBeFilled() async throws {
        let scratch = try Scratch()
        let path = try scratch.file("x.csv", "u,i,t\na,b,\na,c,2020-01-01\n")
        let store = InMemoryStores()
        let report = try await ingest(IngestOptions(paths: [path], user: "u", item: "i", time: "t"), into: store)
        #expect(report.files[0].reasons == ["timestamp is empty": 1])
        #expect(store.history.interactions.map(\.item.rawValue) == ["c"])
    }

    @Test func itemAttributesOfTheSameFileAreMergedAndKept() async throws {
        let scratch = try Scratch()
        let path = try scratch.file("x.csv", "user_id,item_id,name,price\nu,a,Alpha,1\nu,a,,2\nv,b,Beta,3\nv,a,,4\n")
        let store = InMemoryStores()
        _ = try await ingest(IngestOptions(paths: [path], itemAttributes: ["name", "price"], chunk: 1), into: store)
        #expect(store.catalog.content["a"]?.attributes == ["name": "Alpha", "price": "4"])
        #expect(store.catalog.content["b"]?.attributes == ["name": "Beta", "price": "3"])
    }

    @Test func narrowerFileCoversItsDaysInAFolder() async throws {
        let scratch = try Scratch()
        let header = "t_dat,customer_id,article_id,price,sales_channel_id\n"
        _ = try scratch.file("articles.csv", "article_id,prod_name\n0001,Top\n")
        _ = try scratch.file("customers.csv", "customer_id,age\nc,30\n")
        let wide = try scratch.file(
            "transactions_a.csv", header + "2020-01-01,c,0001,0.1,1\n2020-01-05,c,0002,0.1,1\n2020-01-09,c,0003,0.1,1\n"
        )
        let narrow = try scratch.file(
            "transactions_b.csv", header + "2020-01-05,c,0002,0.1,1\n2020-01-05,d,0002,0.1,1\n2020-01-06,d,0001,0.1,1\n"
        )

        let found = InMemoryStores()
        let report = try await ingest(IngestOptions(paths: [scratch.path]), into: found)
        #expect(found.history.interactions.map(\.item.rawValue) == ["0001", "0003", "0002", "0002", "0001"])
        #expect(
            report.files.first { $0.name == "transactions_a.csv" }?.reasons == ["row overlaps transactions_b.csv": 1])
        #expect(report.ignored.isEmpty && report.users == 1)
        #expect(found.users.content[UserID("c")]?.attributes == ["age": "30"])
        #expect(found.catalog.content["0001"]?.attributes == ["prod_name": "Top"])

        let named = InMemoryStores()
        _ = try await ingest(IngestOptions(paths: [wide, narrow]), into: named)
        #expect(named.history.interactions.count == 6)
        let dropped = InMemoryStores()
        _ = try await ingest(IngestOptions(paths: [narrow, wide], overlap: .drop), into: dropped)
        #expect(dropped.history.interactions.count == 5)
    }

    @Test func missingColumnNamesTheHeaderAndTheFlag() async throws {
        let scratch = try Scratch()
        let path = try scratch.file("x.csv", "customer,product,when\n")
        let error = await #expect(throws: IngestError.self) {
            try await ingest(IngestOptions(paths: [path]), into: InMemoryStores())
        }
        #expect(
            error?.description
                == "\(path): line 1: has no column user_id: the header holds customer, product, when; name the right one with --user"
        )
        let tabs = try scratch.file("t.csv", "user_id\titem_id\n")
        let separator = await #expect(throws: IngestError.self) {
            try await ingest(IngestOptions(paths: [tabs]), into: InMemoryStores())
        }
        #expect(separator?.description.contains("--separator") == true)
    }

    @Test func nothingToReadIsAClearError() async throws {
        let scratch = try Scratch()
        for (path, words) in [
            (scratch.path, "holds no .csv"), (scratch.path + "/none", "no such file"),
            (try scratch.file("empty.txt", ""), "is empty"),
        ] {
            let error = await #expect(throws: IngestError.self) {
                try await ingest(IngestOptions(paths: [path]), into: InMemoryStores())
            }
            #expect(error?.description.contains(words) == true, "\(String(describing: error))")
        }
    }

    @Test func foreignRejectFileIsNotOverwritten() async throws {
        let scratch = try Scratch()
        let path = try scratch.file("x.csv", "user_id,item_id\nu,i\n")
        let precious = try scratch.file("precious.csv", "a,b\n1,2\n")
        await #expect(throws: IngestError.self) {
            try await ingest(IngestOptions(paths: [path], rejects: precious), into: InMemoryStores())
        }
        #expect(try scratch.text("precious.csv") == "a,b\n1,2\n")
    }
}

extension ItemID: ExpressibleByStringLiteral {
    public init(stringLiteral value: String) { self.init(value) }
}
