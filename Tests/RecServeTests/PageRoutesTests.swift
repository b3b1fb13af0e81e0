// The web page and what it asks for.
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import RecCore
import RecPage
import RecTesting
import Testing

@testable import RecServe

@Suite struct PageRoutesTests {
    private func send(
        _ shop: TestShop, _ method: HTTPRequest.Method, _ uri: String, _ body: String? = nil,
        headers: HTTPFields = [:], keys: KeyRing? = nil, showsPage: Bool = true, replay: WatchedReplay? = nil,
        origins: [String] = []
    ) async throws -> TestResponse {
        let server = RecommendationServer(
            engine: shop.engine,
            configuration: try ServerConfiguration(keys: keys, showsPage: showsPage, origins: origins),
            replay: replay, logger: shop.logger, now: { TestShop.noon }, makeID: { "id" }, clock: EndlessClock())
        return try await server.application().test(.router) { client in
            try await client.execute(
                uri: uri, method: method, headers: headers, body: body.map { ByteBuffer(string: $0) })
        }
    }

    private func json(_ response: TestResponse) throws -> [String: Any] {
        let value = try JSONSerialization.jsonObject(with: Data(response.body.readableBytesView))
        return try #require(value as? [String: Any])
    }

    @Test func browsersGetThePageAndProgramsTheList() async throws {
        let shop = try await TestShop()
        let page = try await send(shop, .get, "/", headers: [.accept: "text/html,application/xhtml+xml,*/*;q=0.8"])
        #expect(page.status == .ok && page.headers[.contentType] == "text/html; charset=utf-8")
        let policy = try #require(page.headers[.contentSecurityPolicy])
        #expect(policy.contains("default-src 'none'") && !policy.contains("unsafe"))
        let list = try await send(shop, .get, "/", headers: [.accept: "*/*"])
        #expect(list.headers[.contentType] == "application/json" && list.headers[.vary] == "Accept")
        let hidden = try await send(shop, .get, "/", headers: [.accept: "text/html"], showsPage: false)
        #expect(hidden.headers[.contentType] == "application/json")
        let file = try await send(shop, .get, "/page/index.html", showsPage: false)
        #expect(file.status == .notFound)
    }

    @Test func filesAreKnownByTheirTagAndOthersAreNotThere() async throws {
        let shop = try await TestShop()
        for file in Page.files {
            let first = try await send(shop, .get, "/page/\(file.name)")
            #expect(first.status == .ok && Array(first.body.readableBytesView) == file.bytes)
            let tag = try #require(first.headers[.eTag])
            let second = try await send(shop, .get, "/page/\(file.name)", headers: [.ifNoneMatch: tag])
            #expect(second.status == .notModified && second.body.readableBytes == 0)
        }
        for name in ["none.js", "..%2Findex.html", "%00"] {
            let missing = try await send(shop, .get, "/page/\(name)")
            #expect(missing.status == .notFound || missing.status == .badRequest)
        }
    }

    @Test func fileOfThePageIsListedAndThePageIsLight() throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../Sources/RecPage/Files").standardizedFileURL
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { !$0.hasPrefix(".") }
        #expect(Set(names) == Set(Page.files.map(\.name)))
        #expect(Page.files.reduce(0) { $0 + $1.bytes.count } < 300_000)
    }

    @Test func theShopIsShownAndAnEmptyServerSaysSo() async throws {
        let shop = try await TestShop()
        let full = try json(try await send(shop, .get, "/page/data/shop"))
        #expect((full["model"] as? [String: Any])?["version"] as? String == "v1")
        #expect((full["customers"] as? [Any])?.isEmpty == false)
        let closed = try await TestShop(isOpen: false)
        let empty = try json(try await send(closed, .get, "/page/data/shop"))
        #expect(empty["model"] == nil && (empty["shop"] as? [String: Any])?["items"] as? Int == 0)
    }

    @Test func itemsCustomersAndWordsAreAnswered() async throws {
        let shop = try await TestShop()
        let cards = try json(try await send(shop, .get, "/page/data/items?ids=even-1,nothing,a%2Fb%20c%25"))
        let ids = (cards["items"] as? [[String: Any]])?.compactMap { $0["id"] as? String }
        #expect(ids == ["even-1", "a/b c%"])
        let customer = try json(try await send(shop, .get, "/page/data/customers/user-2"))
        #expect(customer["events"] as? Int == 5 && customer["known"] as? Bool == true)
        let near = try await send(shop, .get, "/page/data/items/a%2Fb%20c%25/surroundings?limit=3")
        #expect(near.status == .ok)
        let found = try json(try await send(shop, .get, "/page/data/search?q=even-1"))
        let first = (found["items"] as? [[String: Any]])?.first?["id"] as? String
        #expect(first == "even-1")
        for uri in [
            "/page/data/items/nothing", "/page/data/items/nothing/surroundings",
        ] {
            let missing = try await send(shop, .get, uri)
            #expect(missing.status == .notFound)
        }
        for uri in [
            "/page/data/items?ids=" + (0...100).map { "i\($0)" }.joined(separator: ","),
            "/page/data/map/points?numbers=-1", "/page/data/map/points?numbers=x", "/page/data/search?x=1",
            "/page/data/search?q=a&limit=0",
        ] {
            let refused = try await send(shop, .get, uri)
            #expect(refused.status == .badRequest)
        }
    }

    @Test(.timeLimit(.minutes(30))) func theMapIsSixteenBitsAPlaceAndAByteADepartment() async throws {
        let shop = try await TestShop()
        let server = RecommendationServer(
            engine: shop.engine, configuration: try ServerConfiguration(showsPage: true), logger: shop.logger)
        try await server.application().test(.router) { client in
            while true {
                let answer = try await client.execute(uri: "/page/data/map", method: .get)
                if answer.status == .accepted {
                    try Task.checkCancellation()
                    continue
                }
                let bytes = Array(answer.body.readableBytesView)
                let count = Int(bytes[8])
                #expect(Array(bytes[0..<8]) == Array("RMAP".utf8) + [2, 0, 0, 0])
                #expect(count > 0)
                let names = try JSONSerialization.jsonObject(with: Data(bytes[(12 + 5 * count)...])) as? [String: Any]
                let map = try #require(names?["version"] as? String)
                #expect(names?["departments"] is [String])
                let points = try await client.execute(
                    uri: "/page/data/map/points?version=\(map)&numbers=0,\(count)", method: .get)
                let items = try json(points)["items"] as? [Any]
                #expect(items?.count == 2 && items?[0] is [String: Any] && items?[1] is NSNull)
                let other = try await client.execute(uri: "/page/data/map/points?version=v0&numbers=0", method: .get)
                #expect(other.status == .conflict)
                return
            }
        }
    }

    @Test(arguments: ["cross-site", "same-site"]) func pagesOfOthersAskForNoChange(_ site: String) async throws {
        let shop = try await TestShop()
        let fetchSite = try #require(HTTPField.Name("Sec-Fetch-Site"))
        for uri in ["/page/data/models/v1/serve", "/v1/models/rollback", "/v1/events"] {
            let refused = try await send(
                shop, .post, uri, "{}", headers: [fetchSite: site, .origin: "http://other.example"])
            #expect(refused.status == .forbidden)
            let code = try json(refused)["code"] as? String
            #expect(code == "foreign_page")
        }
        for name in ["write-back-type", "write%2Dback%2Dtype"] {
            let written = try await send(
                shop, .get, "/api/recommend/user-2?n=2&\(name)=read", headers: [fetchSite: site])
            #expect(written.status == .forbidden)
        }
        // Pages cannot forge a key, and listed ones may ask.
        let keyed = try await send(
            shop, .post, "/page/data/models/v1/serve", headers: [fetchSite: site, .authorization: "Bearer x"])
        #expect(keyed.status == .ok)
        let listed = try await send(
            shop, .post, "/page/data/models/v1/serve", headers: [fetchSite: site, .origin: "https://shop.example"],
            origins: ["https://shop.example"])
        #expect(listed.status == .ok)
        let read = try await send(shop, .get, "/page/data/shop", headers: [fetchSite: site])
        #expect(read.status == .ok)
        let own = try await send(shop, .post, "/page/data/models/v1/serve", headers: [fetchSite: "same-origin"])
        #expect(own.status == .ok)
    }

    @Test func modelsAreToldAndTakenIntoServiceBesideTheCurrentOne() async throws {
        let shop = try await TestShop()
        try await shop.stores.models.publish(try TestShop.snapshot("v2"))
        try await shop.engine.reload()
        let before = try json(try await send(shop, .get, "/page/data/models"))
        let models = try #require(before["models"] as? [[String: Any]])
        #expect(models.compactMap { $0["version"] as? String } == ["v2", "v1"])
        #expect(models.compactMap { $0["in_service"] as? Bool } == [true, false])
        #expect(models.allSatisfy { $0["dimension"] as? Int == 4 })
        let served = try await send(shop, .post, "/page/data/models/v1/serve")
        #expect(served.status == .ok)
        let answer = try await send(
            shop, .post, "/v1/recommendations", #"{"user":"user-1","model_version":"v1"}"#)
        #expect(answer.status == .ok && answer.headers[.serverTiming]?.hasPrefix("total;dur=") == true)
        let unknown = try await send(shop, .post, "/page/data/models/v9/serve")
        #expect(unknown.status == .notFound)
    }

    @Test func replayIsRefusedWhereThereIsNoneAndRunsWhereThereIs() async throws {
        let shop = try await TestShop()
        let none = try json(try await send(shop, .get, "/page/data/replay"))
        #expect(none["available"] as? Bool == false)
        let refused = try await send(shop, .post, "/page/data/replay", #"{"speed":1}"#)
        #expect(refused.status == .conflict)

        _ = try await shop.stores.history.append(try PlantedShop().interactions())
        let replay = WatchedReplay(
            history: shop.stores.history, log: shop.stores.log, feed: shop.stores.log.feed(group: "page"),
            sessions: shop.stores.sessions, instant: { .now })
        for body in [#"{"speed":0}"#, #"{"speed":"x"}"#, #"{"haste":1}"#, "[]", ""] {
            let wrong = try await send(shop, .post, "/page/data/replay", body, replay: replay)
            #expect(wrong.status == .badRequest)
        }
        let started = try json(try await send(shop, .post, "/page/data/replay", #"{"speed":null}"#, replay: replay))
        #expect(started["running"] as? Bool == true && started["total"] as? Int == 480)
        let stopped = try json(try await send(shop, .delete, "/page/data/replay", replay: replay))
        #expect(stopped["running"] as? Bool == false && stopped["lag"] as? Int == 0)
    }

    @Test func dataAsksForKeysWhereKeysAreNeededAndThePageDoesNot() async throws {
        let shop = try await TestShop()
        let (key, line) = APIKey.make(name: "reader", scopes: [.recommend])
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("page-keys-\(UUID().uuidString)").path
        try (line + "\n").write(toFile: path, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(atPath: path) }
        let keys = try KeyRing(path: path)

        let page = try await send(shop, .get, "/", headers: [.accept: "text/html"], keys: keys)
        #expect(page.status == .ok)
        let none = try await send(shop, .get, "/page/data/shop", keys: keys)
        #expect(none.status == .unauthorized)
        let reader: HTTPFields = [.authorization: "Bearer \(key)"]
        let read = try await send(shop, .get, "/page/data/shop", headers: reader, keys: keys)
        #expect(read.status == .ok)
        for (method, uri) in [
            (.post, "/page/data/replay"), (.delete, "/page/data/replay"), (.post, "/page/data/models/v1/serve"),
        ] as [(HTTPRequest.Method, String)] {
            let refused = try await send(shop, method, uri, headers: reader, keys: keys)
            #expect(refused.status == .forbidden)
        }
    }

    @Test func routesOfThePageAreNoPartOfTheInterface() async throws {
        let shop = try await TestShop()
        let list = try await send(shop, .get, "/openapi.json")
        #expect(!String(buffer: list.body).contains("/page/"))
    }
}
