// The listings of the adapters' pages do what the pages say of them.
import Foundation
import Logging
import RecCore
import RecEmbedded
import RecServe
import RecStorage
import RecTesting
import Synchronization
import Testing

/// Runs a test with a folder of its own, which is removed afterwards.
func withFolder<T>(_ body: (URL) async throws -> T) async throws -> T {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("listing-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try await body(folder)
}

/// A log that nobody reads.
let silentLogger = Logger(label: "documentation", factory: { _ in SwiftLogNoOpLogHandler() })

@Suite struct StorageAdapterListingTests {
    @Test func windowFileKeepsEveryPromise() async throws {
        try await withFolder { try await windowFileKeepsItsPromises(folder: $0) }
        try await verifyLog()
    }

    @Test func windowFileIsReadAgain() async throws {
        try await withFolder { folder in
            let file = folder.appendingPathComponent("windows.json")
            let event = try #require(try PlantedShop().interactions().first)
            let written = try await WindowFile(file).record([event])

            #expect(try await WindowFile(file).states(of: [event.user]) == written)

            try Data("no windows".utf8).write(to: file)
            let error = #expect(throws: StorageError.self) { try WindowFile(file) }
            #expect(error?.code == .corrupt)
        }
    }

    @Test func contractNamesTheBrokenPromise() async throws {
        let violation = try await brokenPromise()

        #expect(violation?.port == "SessionStore")
        #expect(violation?.description.hasPrefix("SessionStore: `states` leaves out users without a window (") == true)
    }

    @Test func engineTakesAStoreOfOnesOwn() async throws {
        try await withFolder { folder in
            let store = try await EmbeddedStore(folder: folder.path + "/shop")
            let engine = try engineOnTwoStores(store, windows: folder.appendingPathComponent("windows.json"))
            let event = try #require(try PlantedShop().interactions().first)

            try await engine.record([event])

            #expect(try await engine.window(of: event.user).interactions == [event])
            #expect(try await store.sessions.states(of: [event.user]).isEmpty)
        }
    }
}

@Suite struct EmbeddedListingTests {
    @Test func shopInAFolderLearnsFromItsVisits() async throws {
        let shop = PlantedShop()
        let visit = try Interaction(
            event: EventID("visit"), user: UserID("u2"), item: ItemID("i4"), kind: .view, timestamp: shop.end)

        let (answer, learned) = try await withFolder { folder in
            try await embeddedShop(
                folder: folder.path, items: shop.catalog(), events: try shop.interactions(), visit: visit,
                now: shop.end)
        }

        #expect(answer.items.count == 3 && answer.degraded.isEmpty)
        #expect(answer.window?.newest == shop.end)
        #expect(learned == 1)
    }

    @Test func folderThatMustBeThereIsNamed() async throws {
        let error = try await withFolder { await openingNothing(folder: $0.path + "/nothing") }

        #expect(error?.code == .notFound)
        #expect(error?.description.hasPrefix("store.open: not found: there is no data folder ") == true)
    }

    @Test func consumerGetsEveryEventOnce() async throws {
        try await withFolder { folder in
            let store = try await EmbeddedStore(folder: folder.path)
            let events = Array(try PlantedShop().interactions().prefix(3))
            try await store.log.append(events)
            var sent: [Interaction] = []

            for _ in 0..<2 { try await mailAll(store) { sent += $0 } }

            #expect(sent == events)
        }
    }
}

@Suite struct FilesListingTests {
    @Test func loadAccountsForEveryRow() async throws {
        try await withFolder { folder in
            let csv = """
                CustomerID,StockCode,Description,InvoiceDate,Quantity
                anna,tea-1,Assam,2024-03-01,2
                ben,tea-1,Assam,2024-03-01 10:30,1
                carla,tea-2,Ceylon,2024-02-30,1

                """
            try Data(csv.utf8).write(to: folder.appendingPathComponent("orders.csv"))
            let store = try await EmbeddedStore(folder: folder.path + "/shop")

            let report = try await ingestOrders(folder: folder.path, store: store)

            #expect(report.read == 3 && report.interactions == 2 && report.rejected == 1)
            #expect(report.text.hasPrefix("orders.csv: 3 rows read = 2 loaded + 1 rejected\n  1 x timestamp is not "))
            let rejects = try String(contentsOf: folder.appendingPathComponent("rejects.csv"), encoding: .utf8)
            #expect(rejects.contains("orders.csv,4,"))
            let item = try await store.catalog.items([ItemID("tea-1")])[ItemID("tea-1")]
            #expect(item?.attributes == ["Description": "Assam"])
            #expect(try await ingestOrders(folder: folder.path, store: store).files.first?.earlier == 3)
        }
    }

    @Test func recordsAndProblemsComeInTheirOrder() async throws {
        try await withFolder { folder in
            let file = folder.appendingPathComponent("prices.csv")
            try Data("item;price\n\"tea; green\";3\ncoffee\nmocha;4\n".utf8).write(to: file)

            let (rows, problems) = try recordsListing(of: file.path)

            #expect(rows == [["tea; green", "3"], ["mocha", "4"]])
            #expect(problems.map(\.line) == [3])
        }
    }

    @Test func madeUpShopIsThreeFiles() async throws {
        try await withFolder { folder in
            try await madeUpShop(in: folder.path)

            let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
            #expect(names == ["articles.csv", "customers.csv", "transactions_train.csv"])
            let rows = try String(
                contentsOf: folder.appendingPathComponent("transactions_train.csv"), encoding: .utf8)
            #expect(rows.split(separator: "\n").count == 2001)
        }
    }
}

@Suite struct ServersListingTests {
    /// Nobody listens on port 1.
    private let nowhere = [
        "REC_POSTGRES_URL": "postgresql://shop:secret@127.0.0.1:1/shop", "REC_REDIS_URL": "redis://127.0.0.1:1",
    ]

    @Test func settingsTellWhereTheyComeFromAndNoSecret() throws {
        let (settings, servers) = try serversOf(
            flags: ["REC_POSTGRES_URL": "postgresql://shop:secret@127.0.0.1:1/shop"],
            environment: ["REC_REDIS_URL": "redis://127.0.0.1:1", "HOME": "/"], file: nil)

        #expect(servers.postgres != nil && servers.redis != nil && servers.kafka == nil)
        #expect(settings.description.contains("REC_POSTGRES_URL=(set) from a flag\n"))
        #expect(settings.description.contains("REC_REDIS_URL=(set) from the environment\n"))
        #expect(!settings.description.contains("secret"))
        let problems = #expect(throws: StorageSettings.Problems.self) {
            try serversOf(flags: ["REC_REDIS_ULR": "x"], environment: ["REC_KAFKA_TOPIC": "t"], file: nil)
        }
        #expect(problems?.texts.count == 2)
    }

    @Test func databaseThatIsAwayIsToldWhenItIsOpened() async throws {
        try await withFolder { folder in
            let embedded = try await EmbeddedStore(folder: folder.path)
            let (_, servers) = try serversOf(flags: nowhere, environment: [:], file: nil)

            let error = await #expect(throws: StorageError.self) {
                _ = try await openStores(servers, embedded: embedded)
            }

            #expect(error?.code == .unavailable)
            #expect(error?.reason.contains("127.0.0.1") == true)
            #expect(error?.description.contains("secret") == false)
        }
    }

    @Test func windowsThatAreAwayAreToldAtTheFirstCall() async throws {
        try await withFolder { folder in
            let embedded = try await EmbeddedStore(folder: folder.path)
            let (_, servers) = try serversOf(
                flags: ["REC_REDIS_URL": "redis://127.0.0.1:1"], environment: [:], file: nil)
            let engine = try await openStores(servers, embedded: embedded)

            let error = await #expect(throws: StorageError.self) { _ = try await engine.window(of: UserID("anna")) }

            #expect(error?.isRetryable == true)
            #expect(error?.operation == "sessions.states")
        }
    }

    @Test func processorFillsWindowsAndHistory() async throws {
        let stores = InMemoryStores()
        let events = Array(try PlantedShop().interactions().prefix(7))
        try await stores.log.append(events)
        try await stores.log.append(events)

        let report = try await processorListing(
            stores.log.feed(group: "process"), sessions: stores.sessions, history: stores.history,
            impressions: stores.impressions)

        #expect(report.events == 14 && report.added == 7 && report.retries == 0)
        #expect(stores.history.interactions == events)
    }
}

@Suite struct ServingListingTests {
    @Test func serverAnswersUntilItIsStopped() async throws {
        let stores = InMemoryStores()
        try await stores.models.publish(try PlantedShop().snapshot("v1"))

        let list = try await whileRunning { listening in
            try await serverListing(stores, port: 0, logger: silentLogger) { listening($0) }
        } ask: { port in
            try await suggestions(for: "u2", limit: 5, port: port)
        }

        #expect(list.count == 5)
        #expect(list.allSatisfy { Int($0.id.dropFirst())?.isMultiple(of: 2) == true })
    }

    @Test func configurationThatOpensTheShopIsRefused() {
        #expect(openToTheWorld()?.problems.count == 2)
    }

    @Test func fileOfKeysHoldsNoKey() async throws {
        try await withFolder { folder in
            let path = folder.path + "/keys"
            var written = ""

            let (key, _) = try keysListing(in: path) { line in
                written = line
                #expect(
                    FileManager.default.createFile(
                        atPath: path, contents: Data((line + "\n").utf8), attributes: [.posixPermissions: 0o600]))
            }

            #expect(written.hasPrefix("shop-front ") && !written.contains(key))
        }
    }

    @Test func engineOnFakesAnswersWithoutWindows() async throws {
        let (stores, answer) = try await engineOnFakes()

        #expect(answer.items.count == 5 && answer.degraded == ["sessions"])
        #expect(answer.items.allSatisfy { Int($0.item.rawValue.dropFirst())?.isMultiple(of: 2) == true })
        #expect(stores.faults.calls(of: "sessions.states") == 1)
    }
}

/// Runs a server until `ask` has its answer, then cancels it.
/// - Parameter run: calls what it is given with the port, once it listens.
func whileRunning<Answer: Sendable>(
    _ run: @escaping @Sendable (_ listening: @escaping @Sendable (Int) -> Void) async throws -> Void,
    ask: (_ port: Int) async throws -> Answer
) async throws -> Answer {
    let (ports, port) = AsyncStream<Int>.makeStream()
    let server = Task {
        defer { port.finish() }
        try await run { port.yield($0) }
    }
    guard let listening = await ports.first(where: { _ in true }) else {
        try await server.value
        throw CancellationError()
    }
    let answer: Result<Answer, any Error>
    do { answer = .success(try await ask(listening)) } catch { answer = .failure(error) }
    server.cancel()
    _ = await server.result
    return try answer.get()
}
