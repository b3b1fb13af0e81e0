// Whoever changes something stands in the log, and what is only read does not.
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import RecCore
import Synchronization
import Testing

@testable import RecServe

@Suite struct ChangeNoteTests {
    private typealias Call = (method: HTTPRequest.Method, uri: String, body: String?, route: String, operation: String)
    private static let changes: [Call] = [
        (.post, "/v1/items", #"{"items":[{"id":"i-secret"},{"id":"j-secret"}]}"#, "/v1/items", "catalog.upsert"),
        (.delete, "/v1/items/j-secret", nil, "/v1/items/{id}", "catalog.remove"),
        (.post, "/v1/models/v2/activate", nil, "/v1/models/{version}/activate", "models.activate"),
        (.post, "/v1/models/rollback", nil, "/v1/models/rollback", "models.rollback"),
        (.post, "/api/item", #"{"ItemId":"i-secret"}"#, "/api/item", "catalog.upsert"),
        (.post, "/api/items", #"[{"ItemId":"i-secret"}]"#, "/api/items", "catalog.upsert"),
        (.patch, "/api/item/i-secret", #"{"IsHidden":true}"#, "/api/item/{item}", "catalog.upsert"),
        (.delete, "/api/item/i-secret", nil, "/api/item/{item}", "catalog.remove"),
        (.post, "/api/user", #"{"UserId":"anna-secret"}"#, "/api/user", "users.upsert"),
        (.delete, "/api/user/anna-secret", nil, "/api/user/{user}", "users.remove"),
        (.post, "/page/data/models/v2/serve", nil, "/page/data/models/{version}/serve", "models.serve"),
        (.post, "/page/data/replay", #"{"speed":null}"#, "/page/data/replay", "replay.start"),
        (.delete, "/page/data/replay", nil, "/page/data/replay", "replay.stop"),
    ]

    /// Asks, with a key of the name `clerk` that may everything, and gives what was logged meanwhile.
    private func lines(
        _ shop: TestShop, _ calls: [(method: HTTPRequest.Method, uri: String, body: String?)],
        level: Logger.Level = .info
    ) async throws -> (logged: [[String: String]], statuses: [Int], key: String) {
        let (key, line) = APIKey.make(name: "clerk", scopes: Set(Scope.allCases))
        let file = try KeyFile([line])
        let held = Mutex<[String]>([])
        var logger = Logger(label: "t") { label in
            JSONLogHandler(service: label, write: { line in held.withLock { $0.append(line) } })
        }
        logger.logLevel = level
        let stores = shop.stores
        let replay = WatchedReplay(
            history: stores.history, log: stores.log, feed: stores.log.feed(group: "page"), sessions: stores.sessions,
            instant: { .now })
        let server = RecommendationServer(
            engine: shop.engine,
            configuration: try ServerConfiguration(keys: try KeyRing(path: file.path), showsPage: true),
            replay: replay, logger: logger, now: { TestShop.noon }, clock: EndlessClock())
        let statuses = try await server.application().test(.router) { client in
            var statuses: [Int] = []
            for (number, call) in calls.enumerated() {
                statuses.append(
                    try await client.execute(
                        uri: call.uri, method: call.method, headers: [.apiKey: key, .requestID: "r-\(number)"],
                        body: call.body.map { ByteBuffer(string: $0) }
                    ).status.code)
            }
            return statuses
        }
        let logged = try held.withLock { $0 }.map {
            try JSONDecoder().decode([String: String].self, from: Data($0.utf8))
        }
        return (logged, statuses, key)
    }

    @Test func everyChangeNamesItsKeyAndItsRequest() async throws {
        let shop = try await TestShop()
        try await shop.stores.models.publish(try TestShop.snapshot("v2"))

        let (logged, statuses, key) = try await lines(shop, Self.changes.map { ($0.method, $0.uri, $0.body) })

        #expect(statuses.allSatisfy { (200..<300).contains($0) }, "\(statuses)")
        let notes = logged.filter { $0["msg"] == "Changed by a caller" }
        #expect(notes.map { $0["operation"] } == Self.changes.map(\.operation))
        #expect(notes.map { $0["route"] } == Self.changes.map(\.route))
        #expect(notes.map { $0["request_id"] } == Self.changes.indices.map { "r-\($0)" })
        #expect(notes.allSatisfy { $0["caller"] == "clerk" && $0["level"] == "notice" })
        #expect(notes[0]["count"] == "2" && notes[2]["model_id"] == "v2" && notes[3]["model_id"] == "v1")
        #expect(logged.allSatisfy { line in line.values.allSatisfy { !$0.contains("secret") && !$0.contains(key) } })
    }

    @Test func noRouteThatChangesTheCatalogueOrTheModelsIsMissingAbove() async throws {
        let shop = try await TestShop()
        let surroundings = Surroundings(
            engine: shop.engine, configuration: try ServerConfiguration(), metrics: ServerMetrics(), drain: Drain(),
            failures: FailureLog(shop.logger), now: { TestShop.noon }, makeID: { "id" })
        let browser = CatalogueBrowser(engine: shop.engine)
        let endpoints =
            RecommendationRoutes(surroundings: surroundings).endpoints
            + EventRoutes(surroundings: surroundings).endpoints
            + CatalogueRoutes(surroundings: surroundings).endpoints
            + ModelRoutes(surroundings: surroundings).endpoints
            + GorseRoutes(surroundings: surroundings).endpoints
            + PageDataRoutes(surroundings: surroundings, browser: browser, canReplay: true).endpoints
            + PageReplayRoutes(replay: nil, browser: browser).endpoints
        let changing = endpoints.filter { [.catalogue, .admin].contains($0.scope) && $0.method != .get }
            .map { "\($0.method) \($0.path)" }

        #expect(Set(changing) == Set(Self.changes.map { "\($0.method) \($0.route)" }))
    }

    @Test func whatIsReadAndWhatIsRefusedIsNoChange() async throws {
        let shop = try await TestShop()

        let (logged, statuses, _) = try await lines(
            shop,
            [
                (.get, "/v1/models", nil), (.get, "/v1/users/user-1/recommendations", nil),
                (.post, "/v1/models/none/activate", nil), (.post, "/v1/items", "{}"),
                (.patch, "/api/item/nothing", #"{"IsHidden":true}"#),
            ])

        #expect(statuses == [200, 200, 404, 400, 404])
        #expect(!logged.contains { $0["msg"]?.contains("hanged by a caller") == true })
    }

    @Test func aModelThatIsNotGoodIsNoChangeAndOneThatFailedLaterIsNamed() async throws {
        let shop = try await TestShop()
        try await shop.stores.models.publish(try TestShop.snapshot("v2"))
        shop.stores.faults.fail("models.load", .corrupt)
        shop.stores.faults.fail("models.activate", .timeout)

        let (logged, statuses, _) = try await lines(
            shop, [(.post, "/v1/models/v2/activate", nil), (.post, "/v1/models/v2/activate", nil)])

        #expect(statuses.first == 422 && statuses.last != 200, "\(statuses)")
        let notes = logged.filter { $0["msg"]?.contains("hanged by a caller") == true }
        #expect(notes.map { $0["msg"] } == ["Perhaps changed by a caller"] && notes.first?["model_id"] == "v2")
    }

    @Test func aChangeThatFailedBehindTheStoreIsToldAsPerhapsMade() async throws {
        let shop = try await TestShop()
        shop.stores.faults.fail("catalog.changes", .unavailable, times: .max)

        let (logged, statuses, _) = try await lines(shop, [(.delete, "/v1/items/x", nil)])

        #expect(statuses == [503])
        let note = logged.first { $0["msg"] == "Perhaps changed by a caller" }
        #expect(note?["operation"] == "catalog.remove" && note?["caller"] == "clerk" && note?["count"] == "1")
    }

    @Test func withoutKeysTheChangeIsToldWithoutAName() async throws {
        let shop = try await TestShop()

        _ = try await shop.send(.delete, "/v1/items/x")

        #expect(
            shop.lines.all.contains("notice Changed by a caller count=1 operation=catalog.remove route=/v1/items/{id}"))
    }
}
