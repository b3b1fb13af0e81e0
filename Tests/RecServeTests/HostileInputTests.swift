// Input made to break the server: always a clear refusal, never an error of ours.
import HTTPTypes
import RecCore
import Testing

@testable import RecServe

@Suite struct HostileInputTests {
    static let bodies: [String] = [
        "", " ", "null", "1", "\"text\"", "[]", "[[]]", "{", "}", "{\"user\"", "{\"user\":}", "{\"user\":\"a\",}",
        "{'user':'a'}", "{\"user\":\"a\"}{\"user\":\"b\"}", "{\"user\":\"a\"} x", "NaN", "{\"limit\":NaN}",
        "{\"limit\":1e999}", "{\"limit\":99999999999999999999999999}", "{\"limit\":-0.5}", "{\"limit\":\"12\"}",
        "{\"limit\":true}", "{\"limit\":[1]}", "{\"user\":7}", "{\"user\":[]}", "{\"items\":\"a\"}",
        "{\"items\":[1]}", "{\"items\":{\"a\":1}}", "{\"items\":[null]}", "{\"allow_seen\":\"yes\"}",
        "{\"recent_events\":{}}", "{\"recent_events\":[[]]}", "{\"recent_events\":[{\"item\":\"a\",\"weight\":1e999}]}",
        "{\"recent_events\":[{\"item\":\"a\",\"weight\":1e39}]}", "{\"recent_events\":[{\"item\":\"a\",\"weight\":0}]}",
        "{\"recent_events\":[{\"item\":\"a\",\"timestamp\":1e999}]}",
        "{\"recent_events\":[{\"item\":\"a\",\"timestamp\":9223372036854775808}]}",
        "{\"recent_events\":[{\"item\":\"a\",\"timestamp\":-9223372036854775808}]}",
        "{\"recent_events\":[{\"item\":\"a\",\"timestamp\":\"0000-00-00T00:00:00Z\"}]}",
        "{\"recent_events\":[{\"item\":\"a\",\"timestamp\":{}}]}", "{\"user\":\"a\\u0000b\"}", "{\"user\":\"\\ud800\"}",
        "{\"user\":\"a\u{0}b\"}", "{\"__proto__\":{}}", "{\"\":1}", "{\"mode\":\"AUTO\"}", "{\"mode\":\"\"}",
        "{\"user\":\"\(String(repeating: "é", count: 128))\"}", "\u{feff}", "{\"user\":\"a\nb\"}",
        "{\"a/b~\":1}", "{\"user\":\"\\q\"}", "{\"limit\":01}", "{\"limit\":1.}", "{\"limit\":+1}", "{\"limit\":0x1}",
        "{\"user\":\"\\udc00\\ud800\"}", "{\"user\":\"\\u12g4\"}", "{\"limit\":1e30}", "{\"limit\":tru}", "{,}",
        "{\"items\":[,]}", "{\"items\":[\"a\",]}", "{\"items\":[\"a\" \"b\"]}", "{\"user\":\"a",
        String(repeating: "[", count: 60_000), String(repeating: "{\"a\":", count: 10_000),
        "{\"items\":" + String(repeating: "[", count: 17) + String(repeating: "]", count: 17) + "}",
        "{\"limit\":" + String(repeating: "9", count: 60_000) + "}",
    ]

    @Test(arguments: bodies.indices)
    func hostileJSONIsRefusedWithAReason(index: Int) async throws {
        let shop = try await TestShop(isOpen: false)
        let body = Self.bodies[index]

        let response = try await shop.send(.post, "/v1/recommendations", body)
        let events = try await shop.send(.post, "/v1/events", body)

        let problem = try response.problem()
        #expect(response.status == .badRequest, "\(body.prefix(60))")
        #expect(["invalid_request", "malformed_json"].contains(problem.code))
        #expect(problem.errors?.isEmpty == false)
        #expect(response.body.readableBytes < 8192)
        #expect(events.status == .badRequest, "\(body.prefix(60))")
    }

    @Test func malformedJSONIsToldWithItsPlace() async throws {
        let shop = try await TestShop(isOpen: false)

        let problem = try await shop.send(.post, "/v1/events", "{\"user\":\"u\",\n  \"item\" \"i\"}").problem()

        #expect(problem.code == "malformed_json")
        #expect(problem.detail.contains("line 2"))
    }

    @Test(arguments: [
        [0xff, 0xfe, 0x7b, 0x00, 0x7d, 0x00], [0x7b, 0x00, 0x7d, 0x00], [0x00, 0x7b, 0x00, 0x7d],
        [0x7b, 0x22, 0x75, 0x22, 0x3a, 0x22, 0xc3, 0x28, 0x22, 0x7d], [0x80], [0xc0, 0x80], [0xed, 0xa0, 0x80],
        [0xf8, 0x88, 0x80, 0x80, 0x80],
    ])
    func bytesThatAreNotUTF8AreRefused(bytes: [UInt8]) async throws {
        let shop = try await TestShop(isOpen: false)

        let response = try await shop.send(.post, "/v1/recommendations", bytes: bytes)

        #expect(response.status == .badRequest)
        #expect(try response.problem().code == "malformed_json")
    }

    @Test(arguments: [
        "%", "%2", "%zz", "%ff", "%c3%28", "%00", "a%0Ab", "%ED%A0%80", "%7F", String(repeating: "x", count: 256),
    ])
    func garbageInPathAndQueryIsRefused(text: String) async throws {
        let shop = try await TestShop()

        let responses = [
            try await shop.send(.get, "/v1/users/\(text)/recommendations"),
            try await shop.send(.get, "/v1/items/\(text)/similar"),
            try await shop.send(.get, "/v1/users/u/recommendations?items=a,\(text)"),
            try await shop.send(.get, "/v1/users/u/recommendations?mode=\(text)"),
            try await shop.send(.get, "/v1/users/u/recommendations?\(text)=1"),
        ]

        for response in responses {
            #expect(response.status == .badRequest)
            #expect(try response.problem().errors?.first?.parameter != nil)
        }
    }

    @Test func randomBytesNeverMakeAnErrorOfOurs() async throws {
        let shop = try await TestShop()
        let seedText =
            #"{"events":[{"event_id":"e","user":"u","item":"i","kind":"view","timestamp":"2026-03-01T00:00:00Z","weight":1.5}]}"#
        var state: UInt64 = 7

        func next() -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33)
        }
        for round in 0..<300 {
            var bytes = Array(seedText.utf8)
            for _ in 0...(next() % 4) {
                switch next() % 3 {
                case 0: bytes[next() % bytes.count] = UInt8(next() % 256)
                case 1: bytes.remove(at: next() % bytes.count)
                default: bytes.insert(UInt8(next() % 256), at: next() % bytes.count)
                }
            }
            let response = try await shop.send(.post, "/v1/events", bytes: bytes)
            #expect([202, 400].contains(response.status.code), "round \(round) of seed 7")
        }
    }
}
