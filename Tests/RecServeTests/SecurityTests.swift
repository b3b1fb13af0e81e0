// Keys, scopes, rates, origins, and what an open address needs.
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import RecCore
import Synchronization
import Testing

@testable import RecServe

/// A file of keys that goes away with its owner.
final class KeyFile: Sendable {
    let path = NSTemporaryDirectory() + "keys-\(UUID().uuidString)"
    init(_ lines: [String]) throws { try write(lines) }
    func write(_ lines: [String]) throws {
        try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: URL(fileURLWithPath: path))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
    }
    deinit { try? FileManager.default.removeItem(atPath: path) }
}

@Suite struct SecurityTests {
    private func shop() async throws -> TestShop { try await TestShop() }

    private func status(
        _ shop: TestShop, _ configuration: ServerConfiguration, _ method: HTTPRequest.Method, _ uri: String,
        _ headers: HTTPFields, body: String? = nil
    ) async throws -> HTTPResponse.Status {
        try await shop.server(configuration).application().test(.router) { client in
            try await client.execute(
                uri: uri, method: method, headers: headers, body: body.map { ByteBuffer(string: $0) })
        }.status
    }

    private static let calls: [(scope: Scope, method: HTTPRequest.Method, uri: String, body: String?)] = [
        (.recommend, .get, "/v1/users/u/recommendations", nil), (.recommend, .post, "/v1/recommendations", "{}"),
        (.recommend, .get, "/v1/users/u/window", nil), (.recommend, .get, "/api/recommend/u", nil),
        (.events, .post, "/v1/events", #"{"user":"u","item":"odd-1"}"#),
        (.catalogue, .post, "/v1/items", #"{"items":[{"id":"x"}]}"#), (.catalogue, .delete, "/v1/items/x", nil),
        (.catalogue, .post, "/api/item", #"{"ItemId":"x"}"#),
        (.admin, .get, "/v1/models", nil), (.admin, .post, "/v1/models/v1/activate", nil),
    ]

    @Test func aKeyPermitsItsScopesAndNoOther() async throws {
        let shop = try await shop()
        var keys: [Scope: String] = [:]
        var lines = ["# keys of a test", ""]
        for scope in Scope.allCases {
            let (key, line) = APIKey.make(name: "\(scope)", scopes: [scope])
            keys[scope] = key
            lines.append(line)
        }
        let file = try KeyFile(lines)
        let configuration = try ServerConfiguration(keys: try KeyRing(path: file.path))
        for call in Self.calls {
            for (scope, key) in keys {
                let bearer = try await status(
                    shop, configuration, call.method, call.uri, [.authorization: "Bearer \(key)"], body: call.body)
                let header = try await status(
                    shop, configuration, call.method, call.uri, [.apiKey: key], body: call.body)
                if scope == call.scope {
                    #expect((200..<300).contains(bearer.code) && (200..<300).contains(header.code), "\(call)")
                } else {
                    #expect(bearer == .forbidden && header == .forbidden, "\(call) with \(scope)")
                }
            }
            #expect(try await status(shop, configuration, call.method, call.uri, [:], body: call.body) == .unauthorized)
        }
        #expect(try await status(shop, configuration, .get, "/healthz", [:]) == .ok)
    }

    @Test func aKeyForListsAloneWritesNothing() async throws {
        let shop = try await shop()
        let (reader, writer) = (
            APIKey.make(name: "r", scopes: [.recommend]), APIKey.make(name: "w", scopes: [.recommend, .events])
        )
        let file = try KeyFile([reader.line, writer.line])
        let configuration = try ServerConfiguration(keys: try KeyRing(path: file.path))
        let uri = "/api/recommend/bob?n=2&write-back-type=read"
        #expect(try await status(shop, configuration, .get, uri, [.apiKey: reader.key]) == .forbidden)
        #expect(try await status(shop, configuration, .head, uri, [.apiKey: writer.key]) == .ok)
        #expect(shop.stores.log.events.isEmpty)
        #expect(try await status(shop, configuration, .get, uri, [.apiKey: writer.key]) == .ok)
        #expect(shop.stores.log.events.count == 2)
        shop.stores.faults.fail("log.append", .unavailable)
        #expect(try await status(shop, configuration, .get, uri, [.apiKey: writer.key]) == .ok)
    }

    @Test func aFileOfKeysMayBeALinkAndHaveLinesOfWindows() throws {
        let made = APIKey.make(name: "shop", scopes: [.events])
        let file = try KeyFile(["# keys\r", made.line + "\r"])
        let link = file.path + ".link"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: file.path)
        defer { try? FileManager.default.removeItem(atPath: link) }
        #expect(try KeyRing(path: link).key(for: made.key)?.name == "shop")
    }

    @Test(arguments: ["Bearer wrong", "Basic dTpw", "Bearer", "Bearer a b", ""])
    func aWrongKeyIsRefusedWithoutAWordAboutTheRightOne(_ value: String) async throws {
        let shop = try await shop()
        let file = try KeyFile([APIKey.make(name: "shop", scopes: Set(Scope.allCases)).line])
        let configuration = try ServerConfiguration(keys: try KeyRing(path: file.path))
        let response = try await shop.server(configuration).application().test(.router) { client in
            try await client.execute(
                uri: "/v1/users/u/recommendations", method: .get, headers: [.authorization: value])
        }
        #expect(response.status == .unauthorized)
        #expect(response.headers[.wwwAuthenticate] == "Bearer")
        #expect(shop.lines.all.allSatisfy { !$0.contains("wrong") && !$0.contains("rec_") })
    }

    @Test func keysAreChangedWithoutAStop() throws {
        let (old, new) = (APIKey.make(name: "shop", scopes: [.events]), APIKey.make(name: "shop", scopes: [.events]))
        let file = try KeyFile([old.line])
        let ring = try KeyRing(path: file.path)
        #expect(ring.key(for: old.key)?.name == "shop" && ring.key(for: new.key) == nil)

        try file.write([old.line, new.line])
        try ring.reload()
        #expect(ring.key(for: old.key) != nil && ring.key(for: new.key) != nil)

        try file.write([new.line])
        try ring.reload()
        #expect(ring.key(for: old.key) == nil && ring.key(for: new.key)?.scopes == [.events])

        try file.write(["torn li"])
        #expect(throws: InvalidKeys.self) { try ring.reload() }
        #expect(ring.key(for: new.key) != nil)
    }

    @Test(arguments: [
        ("shop", "is not a name, a digest and scopes"), ("shop abc recommend", "64 hexadecimal digits"),
        ("shop \(String(repeating: "g", count: 64)) recommend", "64 hexadecimal digits"),
        ("shop \(String(repeating: "0", count: 64)) everything", "none of recommend, events, catalogue, admin"),
    ])
    func aLineThatIsNoKeyIsNamed(_ line: String, _ reason: String) throws {
        let file = try KeyFile(["# first", line])
        let error = #expect(throws: InvalidKeys.self) { try KeyRing(path: file.path) }
        #expect(error?.description.contains("line 2") == true && error?.description.contains(reason) == true)
    }

    @Test func aFileOfKeysThatOthersMayWriteIsRefused() throws {
        let file = try KeyFile([APIKey.make(name: "shop", scopes: [.events]).line])
        try FileManager.default.setAttributes([.posixPermissions: 0o666], ofItemAtPath: file.path)
        #expect(throws: InvalidKeys.self) { try KeyRing(path: file.path) }
        #expect(throws: InvalidKeys.self) { try KeyRing(path: file.path + ".absent") }
    }

    @Test(arguments: ["0.0.0.0", "192.168.1.7", "shop.example", "::", "127.0.0.1.example", "127.evil"])
    func withoutKeysNobodyOutsideIsListenedTo(_ host: String) throws {
        let error = #expect(throws: InvalidServerConfiguration.self) { try ServerConfiguration(host: host) }
        #expect(error?.problems.contains { $0.contains("no keys") } == true)
        let file = try KeyFile([APIKey.make(name: "shop", scopes: [.events]).line])
        _ = try ServerConfiguration(host: host, keys: try KeyRing(path: file.path))
    }

    @Test(arguments: ["127.0.0.1", "127.9.9.9", "::1", "localhost"])
    func ownAddressesNeedNoKeys(_ host: String) throws { _ = try ServerConfiguration(host: host) }

    @Test(arguments: [("127.0.0.1", false), ("localhost", false), ("0.0.0.0", true), ("::", true), ("10.0.0.7", true)])
    func anOperatorsPortThatOthersReachIsWarnedOf(_ host: String, _ isWarnedOf: Bool) throws {
        let address = ServerConfiguration.AdminAddress(host: host, port: 0)
        #expect(address.warnings.contains { $0.contains(host) && $0.contains("no keys") } == isWarnedOf)
    }

    @Test func aCallerThatSendsTooMuchIsToldWhenToComeAgain() async throws {
        let shop = try await shop()
        let configuration = try ServerConfiguration(rate: .init(perSecond: 1, burst: 3))
        let application = try shop.server(configuration).application()
        let responses = try await application.test(.router) { client in
            var responses: [TestResponse] = []
            // On a slow machine a token comes back meanwhile.
            while responses.count < 50, responses.last?.status != .tooManyRequests {
                responses.append(try await client.execute(uri: "/healthz", method: .get))
            }
            return responses
        }
        #expect(responses.count >= 4 && responses.dropLast().allSatisfy { $0.status == .ok })
        #expect(responses.last?.headers[.retryAfter] == "1")
        #expect(try responses.last?.problem().code == "rate_limited")
    }

    @Test func whoGuessesKeysIsHeldBackToo() async throws {
        let shop = try await shop()
        let file = try KeyFile([APIKey.make(name: "shop", scopes: [.recommend]).line])
        let configuration = try ServerConfiguration(
            keys: try KeyRing(path: file.path), rate: .init(perSecond: 1, burst: 3))
        let application = try shop.server(configuration).application()
        let statuses = try await application.test(.router) { client in
            var statuses: [HTTPResponse.Status] = []
            while statuses.count < 50, statuses.last != .tooManyRequests {
                let guess = try await client.execute(
                    uri: "/v1/items", method: .get, headers: [.authorization: "Bearer guess-\(statuses.count)"])
                statuses.append(guess.status)
            }
            return statuses
        }
        #expect(statuses.count >= 4 && statuses.dropLast().allSatisfy { $0 == .unauthorized })
        #expect(statuses.last == .tooManyRequests)
    }

    @Test func bucketsFillAtTheirRateAndAreEachCallersOwn() {
        let start = ContinuousClock.now
        let passed = Mutex(Duration.zero)
        let limiter = RateLimiter(rate: 10, burst: 2) { start + passed.withLock { $0 } }
        func allowed(_ caller: String) -> Bool { limiter.wait(of: caller) == nil }

        #expect(allowed("a") && allowed("a") && !allowed("a") && allowed("b"))
        passed.withLock { $0 = .milliseconds(99) }
        #expect(!allowed("a"))
        passed.withLock { $0 = .milliseconds(101) }
        #expect(allowed("a") && !allowed("a"))
        passed.withLock { $0 = .seconds(60) }
        #expect(allowed("a") && allowed("a") && !allowed("a"))
    }

    @Test func aFloodOfAddressesDoesNotFillTheMemory() {
        let start = ContinuousClock.now
        let limiter = RateLimiter(rate: 1, burst: 1) { start }
        for number in 0..<50_000 { #expect(limiter.wait(of: "address \(number)") == nil) }
        #expect(limiter.wait(of: "address 49999") != nil)
    }

    @Test func onlyListedOriginsMayAsk() async throws {
        let shop = try await shop()
        let configuration = try ServerConfiguration(origins: ["https://shop.example"])
        let application = try shop.server(configuration).application()
        try await application.test(.router) { client in
            let mine = try await client.execute(
                uri: "/healthz", method: .get, headers: [.origin: "https://shop.example"])
            let other = try await client.execute(
                uri: "/healthz", method: .get, headers: [.origin: "https://evil.example"])
            let refused = try await client.execute(
                uri: "/nowhere", method: .get, headers: [.origin: "https://shop.example"])
            #expect(refused.headers[.accessControlAllowOrigin] == "https://shop.example")
            let preflight = try await client.execute(
                uri: "/v1/events", method: .options,
                headers: [.origin: "https://shop.example", .accessControlRequestMethod: "POST"])
            #expect(mine.headers[.accessControlAllowOrigin] == "https://shop.example")
            #expect(other.headers[.accessControlAllowOrigin] == nil)
            #expect(preflight.status == .noContent && preflight.headers[.accessControlAllowMethods] != nil)
        }
        #expect(throws: InvalidServerConfiguration.self) { try ServerConfiguration(origins: ["*"]) }
    }

    @Test func everyAnswerIsMarkedForBrowsers() async throws {
        let shop = try await shop()
        for uri in ["/", "/healthz", "/nowhere", "/v1/users/u/recommendations"] {
            let response = try await shop.send(.get, uri)
            #expect(response.headers[.xContentTypeOptions] == "nosniff")
            #expect(response.headers[.contentSecurityPolicy]?.contains("default-src 'self'") == true)
            #expect(response.headers[.referrerPolicy] == "no-referrer")
            #expect(response.headers[.strictTransportSecurity] == nil)
        }
    }
}
