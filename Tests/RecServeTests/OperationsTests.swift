// Metrics, logs, traces, probes, and stopping.
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import Metrics
import RecCore
import Synchronization
import Testing

@testable import RecServe

@Suite struct OperationsTests {
    private func operators(_ shop: TestShop, _ uri: String, after calls: [String] = []) async throws -> TestResponse {
        let server = try shop.server(try ServerConfiguration(admin: .init(port: 0)))
        return try await server.application().test(.router) { client in
            for call in calls { _ = try await client.execute(uri: call, method: .get) }
            return try await server.operatorsApplication(.init(port: 0)).test(.router) { client in
                try await client.execute(uri: uri, method: .get)
            }
        }
    }

    @Test func everyOutcomeIsCountedByRouteAndNotByPath() async throws {
        let shop = try await TestShop()
        let response = try await operators(
            shop, "/metrics",
            after: [
                "/v1/users/anna/recommendations", "/v1/users/bert/recommendations?mode=recency",
                "/v1/users/anna/recommendations?limit=0",
                "/nowhere", "/v1/items/odd-1/similar",
            ])
        let text = String(buffer: response.body)
        #expect(response.headers[.contentType]?.hasPrefix("text/plain; version=0.0.4") == true)
        #expect(
            text.contains(
                #"reco_http_requests_total{route="/v1/users/{id}/recommendations",method="GET",status="200"} 2"#))
        #expect(
            text.contains(
                #"reco_http_requests_total{route="/v1/users/{id}/recommendations",method="GET",status="400"} 1"#))
        #expect(text.contains(#"reco_http_requests_total{route="none",method="GET",status="404"} 1"#))
        #expect(text.contains(#"reco_recommend_duration_seconds_count{mode="similarity"} 1"#))
        #expect(text.contains(#"reco_recommend_source_total{source="cold"} 1"#))
        #expect(text.contains(#"reco_model_info{model_id="v1",current="1"} 1"#))
        #expect(text.contains("# TYPE reco_http_request_duration_seconds histogram"))
        #expect(!text.contains("anna") && !text.contains("odd-1"))
    }

    @Test func histogramsAreCumulativeAndEndWithEverything() {
        let registry = PrometheusRegistry()
        registry.describe("t_seconds", "Line one\nwith \\ more.", bounds: [0.01, 0.1])
        let timer = Timer(label: "t", dimensions: [("name", "a\"b\\c\nd")], factory: registry)
        for milliseconds in [5, 10, 50, 5000] { timer.recordMilliseconds(milliseconds) }

        #expect(
            registry.text == #"""
                # HELP t_seconds Line one\nwith \\ more.
                # TYPE t_seconds histogram
                t_seconds_bucket{name="a\"b\\c\nd",le="0.01"} 2
                t_seconds_bucket{name="a\"b\\c\nd",le="0.1"} 3
                t_seconds_bucket{name="a\"b\\c\nd",le="+Inf"} 4
                t_seconds_sum{name="a\"b\\c\nd"} 5.065
                t_seconds_count{name="a\"b\\c\nd"} 4

                """#)
    }

    @Test func aLabelThatGrowsWithoutEndIsCutOff() {
        let registry = PrometheusRegistry()
        for number in 0..<5000 {
            Counter(label: "c", dimensions: [("n", "\(number)")], factory: registry).increment()
        }
        #expect(registry.text.split(separator: "\n").count == 1002)
    }

    @Test func versionNamesServerAndModel() async throws {
        let shop = try await TestShop()
        let text = String(buffer: try await operators(shop, "/version").body)
        #expect(text == #"{"model_version":"v1","models":["v1"],"version":"\#(PlatformVersion.text)"}"#)
    }

    @Test func operatorsPortHasNothingElse() async throws {
        let shop = try await TestShop()
        #expect(try await operators(shop, "/v1/models").status == .notFound)
        #expect(try await operators(shop, "/healthz").status == .ok)
        #expect(try await operators(shop, "/readyz").status == .ok)
    }

    @Test func logsAreJSONWithoutUsers() async throws {
        let shop = try await TestShop()
        let lines = Mutex<[String]>([])
        var logger = Logger(label: "t") { label in
            JSONLogHandler(service: label, write: { line in lines.withLock { $0.append(line) } })
        }
        logger.logLevel = .debug
        let server = RecommendationServer(
            engine: shop.engine, configuration: try ServerConfiguration(), logger: logger)
        try await server.application().test(.router) { client in
            _ = try await client.execute(
                uri: "/v1/users/anna/recommendations?limit=3", method: .get,
                headers: [
                    .traceParent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", .requestID: "r-1",
                ])
        }
        let found = lines.withLock { $0 }
        let line = try #require(found.first { $0.contains("Request answered") })
        let members = try #require(
            try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        #expect(members["level"] as? String == "debug" && members["service"] as? String == "t")
        #expect(members["route"] as? String == "/v1/users/{id}/recommendations")
        #expect(members["status"] as? String == "200" && members["request_id"] as? String == "r-1")
        #expect(members["trace_id"] as? String == "0af7651916cd43dd8448eb211c80319c")
        #expect(members["span_id"] as? String != "b7ad6b7169203331")
        #expect(found.allSatisfy { !$0.contains("anna") })
    }

    @Test(arguments: [
        [], ["00-00000000000000000000000000000000-b7ad6b7169203331-01"],
        ["00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01"],
        ["00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01"],
        ["ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"],
        ["00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-x"], ["00--"],
        Array(repeating: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", count: 2),
    ])
    func aTraceThatIsNotValidIsBegunAnew(_ headers: [String]) {
        let trace = TraceParent(continuing: headers)
        #expect(trace.trace.count == 32 && trace.trace != "0af7651916cd43dd8448eb211c80319c")
        let header = "00-\(trace.trace)-\(trace.span)-\(trace.flags)"
        #expect(TraceParent(continuing: [header]).trace == trace.trace)
    }

    @Test func aServerThatIsAboutToStopSaysSoAndAnswers() async throws {
        let shop = try await TestShop()
        let server = try shop.server()
        try await server.application().test(.ahc(.http)) { client in
            let before = try await client.execute(uri: "/readyz", method: .get)
            #expect(before.status == .ok && before.headers[.connection] != "close")

            server.beginToDrain()

            let ready = try await client.execute(uri: "/readyz", method: .get)
            let answer = try await client.execute(uri: "/v1/users/user-1/recommendations", method: .get)
            #expect(ready.status == .serviceUnavailable)
            #expect(answer.status == .ok && answer.headers[.connection] == "close")
            #expect(try answer.decoded(AnswerBody.self).items.count == 12)
        }
    }
}
