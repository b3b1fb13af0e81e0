// Filters, boosts, batches, sessions, items, models and the document that describes them.
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import RecCore
import RecTesting
import Testing

@testable import RecServe

@Suite struct InterfaceTests {
    private func described() async throws -> TestShop {
        let shop = try await TestShop()
        try await shop.stores.catalog.upsert(
            (0..<6).map { number in
                CatalogItem(
                    id: ItemID("odd-\(number)"),
                    attributes: ["colour": number < 3 ? "red" : "blue", "price": "\(number)"])
            })
        try await shop.engine.refreshCatalogue()
        return shop
    }

    @Test func filtersAndBoostsAreTakenFromTheRequest() async throws {
        let shop = try await described()
        let filtered: AnswerBody = try await shop.send(
            .post, "/v1/recommendations",
            #"{"filter":{"all":[{"field":"colour","in":["red"]},{"not":{"field":"price","gte":1,"lt":2}}]},"limit":50}"#
        ).decoded()
        let boosted: AnswerBody = try await shop.send(
            .post, "/v1/recommendations",
            #"{"user":"user-2","boosts":[{"filter":{"field":"price","gt":4},"weight":90}],"limit":1}"#
        ).decoded()
        #expect(Set(filtered.items.map(\.id)) == ["odd-0", "odd-2"])
        #expect(boosted.items.map(\.id) == ["odd-5"])
    }

    @Test(arguments: [
        (#"{"field":"a"}"#, "/filter"), (#"{"field":"a","in":["x"],"gt":1}"#, "/filter"), ("{}", "/filter"),
        (#"{"all":[{"any":[{"field":"a","in":"x"}]}]}"#, "/filter/all/0/any/0/in"),
        (#"{"all":[],"not":{"field":"a","exists":true}}"#, "/filter"), (#"{"feild":"a"}"#, "/filter/feild"),
        (#"{"field":"a","gt":"1"}"#, "/filter/gt"),
    ])
    func aFilterThatCannotBeReadIsTold(_ filter: String, _ pointer: String) async throws {
        let shop = try await TestShop()
        let response = try await shop.send(.post, "/v1/recommendations", #"{"filter":\#(filter)}"#)
        #expect(response.status == .badRequest)
        #expect(try response.problem().pointers == [pointer])
    }

    @Test func aSessionHasAWindowOfItsOwn() async throws {
        let shop = try await TestShop()
        let taken = try await shop.send(
            .post, "/v1/events",
            #"{"events":[{"event_id":"e","session":"s/1","item":"odd-1","kind":"cart","recommendation_id":"r-7"}]}"#)
        let answer: AnswerBody = try await shop.send(
            .get, "/v1/users/new/recommendations?session=s%2F1&limit=3"
        ).decoded()
        let other: AnswerBody = try await shop.send(.get, "/v1/users/new/recommendations").decoded()
        let window = try await shop.send(.get, "/v1/users/session%3As%2F1/window")
        #expect(taken.status == .accepted)
        #expect(answer.mode == "recency" && other.mode == "cold_start")
        #expect(shop.stores.log.events.first?.recommendation == "r-7")
        #expect(
            String(buffer: window.body)
                == #"{"events":[{"event_id":"e","item":"odd-1","kind":"cart","timestamp":"2026-03-01T12:00:00.000Z","weight":1}],"user":"session:s/1"}"#
        )
    }

    @Test func anAnswerSaysHowFreshItsWindowIs() async throws {
        let shop = try await TestShop()
        _ = try await shop.send(
            .post, "/v1/events", #"{"user":"u","item":"odd-1","timestamp":"2026-03-01T11:59:58.500Z"}"#)
        let response = try await shop.send(.get, "/v1/users/u/recommendations?limit=1")
        #expect(
            String(buffer: response.body).contains(
                #""window":{"age_ms":1500,"events":1,"newest":"2026-03-01T11:59:58.500Z"}"#))
    }

    @Test func aBatchAnswersEachForItself() async throws {
        struct Body: Decodable {
            struct Answer: Decodable {
                let recommendations: AnswerBody?
                let problem: ProblemBody?
            }
            let answers: [Answer]
        }
        let shop = try await TestShop()
        let body: Body = try await shop.send(
            .post, "/v1/recommendations/batch",
            #"{"requests":[{"user":"user-1","limit":2},{"model_version":"v9"},{"mode":"similarity","items":["odd-1"]}]}"#
        ).decoded()
        #expect(body.answers.map { $0.recommendations?.items.count } == [2, nil, 12])
        #expect(body.answers[1].problem?.code == "model_not_in_service")
        let wrong = try await shop.send(
            .post, "/v1/recommendations/batch", #"{"requests":[{},{"limit":0},{"recent_events":[{"item":""}]}]}"#)
        #expect(
            try wrong.problem().pointers == ["/requests/1/limit", "/requests/2/recent_events/0/item"])
    }

    @Test func oneEventIdIsOneEvent() async throws {
        let shop = try await TestShop()
        let event = #"{"event_id":"e-1","user":"u","item":"odd-1"}"#
        let first = try await shop.send(.post, "/v1/events", event)
        let again = try await shop.send(.post, "/v1/events", event)
        let other = try await shop.send(.post, "/v1/events", #"{"event_id":"e-1","user":"u","item":"odd-2"}"#)
        let keyed = try await shop.send(
            .post, "/v1/events", #"{"user":"u","item":"odd-3"}"#, headers: [.idempotencyKey: "k-1"])
        let keyedAgain = try await shop.send(
            .post, "/v1/events", #"{"user":"u","item":"odd-3"}"#, headers: [.idempotencyKey: "k-1"])
        #expect(first.status == .accepted && again.status == .accepted && other.status == .conflict)
        #expect(try other.problem().code == "event_id_reused")
        #expect(keyed.status == .accepted && keyedAgain.status == .accepted)
        #expect(shop.stores.log.events.map { $0.event?.rawValue } == ["e-1", "k-1"])
    }

    @Test func anIdempotencyKeyMayNotBeTheNameOfARowOfHistory() async throws {
        let shop = try await TestShop()
        let response = try await shop.send(
            .post, "/v1/events", #"{"user":"u","item":"odd-3"}"#, headers: [.idempotencyKey: "h000000000007"])
        #expect(response.status == .badRequest)
    }

    @Test func conditionsOfOneRequestAreBounded() async throws {
        let shop = try await TestShop()
        let part = #"{"field":"a","gt":1}"#
        let many = Array(repeating: part, count: 70).joined(separator: ",")
        let boost = #"{"filter":\#(part),"weight":1}"#
        let boosts = Array(repeating: boost, count: 20).joined(separator: ",")
        let some = Array(repeating: part, count: 50).joined(separator: ",")
        #expect(
            try await shop.send(.post, "/v1/recommendations", #"{"filter":{"all":[\#(many)]}}"#).status == .badRequest)
        let both = try await shop.send(
            .post, "/v1/recommendations", #"{"filter":{"all":[\#(some)]},"boosts":[\#(boosts)]}"#)
        #expect(try both.problem().pointers == ["/boosts"])
    }

    @Test func anItemThatIsWrittenIsInTheNextAnswerAndOneThatIsRemovedIsNot() async throws {
        let shop = try await TestShop()
        let filter = #"{"filter":{"field":"colour","in":["mauve"]}}"#
        let written = try await shop.send(
            .post, "/v1/items",
            #"{"items":[{"id":"new","attributes":{"colour":"mauve"}},{"id":"shy","attributes":{"colour":"mauve"},"hidden":true}]}"#
        )
        let with: AnswerBody = try await shop.send(.post, "/v1/recommendations", filter).decoded()
        let read = try await shop.send(.get, "/v1/items/new")
        let removed = try await shop.send(.delete, "/v1/items/new")
        let without: AnswerBody = try await shop.send(.post, "/v1/recommendations", filter).decoded()
        let gone = try await shop.send(.get, "/v1/items/new")
        #expect(written.status == .ok && String(buffer: written.body) == #"{"written":2}"#)
        #expect(with.items.map(\.id) == ["new"] && without.items.isEmpty)
        #expect(String(buffer: read.body) == #"{"attributes":{"colour":"mauve"},"hidden":false,"id":"new"}"#)
        #expect(removed.status == .noContent && gone.status == .notFound)
    }

    @Test func modelsAreListedActivatedAndSteppedBack() async throws {
        let shop = try await TestShop()
        try await shop.stores.models.publish(try TestShop.snapshot("v2"))
        try await shop.engine.reload()
        let list = try await shop.send(.get, "/v1/models")
        let back = try await shop.send(.post, "/v1/models/v1/activate")
        let absent = try await shop.send(.post, "/v1/models/v7/activate")
        let odd = try await shop.send(.post, "/v1/models/..%2Fetc/activate")
        shop.stores.faults.fail("models.load", .corrupt, reason: "v2: factors are not finite")
        let bad = try await shop.send(.post, "/v1/models/v2/activate")
        #expect(String(buffer: list.body).contains(#""current":true"#))
        #expect(String(buffer: back.body) == #"{"model_version":"v1"}"#)
        #expect(absent.status == .notFound && odd.status == .badRequest)
        #expect(bad.status == .unprocessableContent)
        #expect(try bad.problem().code == "model_refused")
        #expect(shop.engine.modelVersion?.rawValue == "v1")
        #expect(shop.lines.all.contains { $0.contains("factors are not finite") })
    }

    @Test func anExperimentIsReadFromJSONAndShownInAnswers() async throws {
        let text =
            #"{"name":"spring","variants":[{"name":"old","share":1,"model_version":"v1"},{"name":"new","share":1}]}"#
        let experiment = try Experiment(json: Data(text.utf8))
        var configuration = RecommendationEngine.Configuration()
        configuration.experiment = experiment
        let shop = try await TestShop(configuration: configuration)
        let answer: AnswerBody = try await shop.send(.get, "/v1/users/user-1/recommendations").decoded()
        #expect(answer.variant == experiment.variant(of: UserID("user-1")).name)
        let error = #expect(throws: InvalidExperiment.self) {
            try Experiment(
                json: Data(#"{"name":"x y","variants":[{"name":"a","share":0,"model_version":"../x"}]}"#.utf8))
        }
        #expect(error?.problems.count == 3)
        #expect(throws: InvalidExperiment.self) { try Experiment(json: Data("[]".utf8)) }
    }

    // MARK: - The document

    @Test func theDocumentNamesEveryRouteAndEveryShapeItUses() async throws {
        let shop = try await TestShop()
        let response = try await shop.send(.get, "/openapi.json")
        let document = try #require(
            try JSONSerialization.jsonObject(with: Data(response.body.readableBytesView)) as? [String: Any])
        let paths = try #require(document["paths"] as? [String: [String: Any]])
        let index = try #require(
            try JSONSerialization.jsonObject(
                with: Data(try await shop.send(.get, "/").body.readableBytesView)) as? [String: Any])
        for route in try #require(index["routes"] as? [[String: String]]) where route["path"] != "/" {
            let (path, method) = (route["path"] ?? "", (route["method"] ?? "").lowercased())
            // The document does not describe itself.
            guard path != "/openapi.json" else { continue }
            #expect(paths[path]?[method] != nil, "\(method) \(path)")
        }
        let components = try #require((document["components"] as? [String: Any])?["schemas"] as? [String: Any])
        let text = String(buffer: response.body)
        for part in text.components(separatedBy: "#/components/schemas/").dropFirst() {
            let name = String(part.prefix { $0.isLetter })
            #expect(components[name] != nil, "\(name)")
        }
        let names = paths.values.flatMap { $0.values }.compactMap { ($0 as? [String: Any])?["operationId"] as? String }
        #expect(Set(names).count == names.count)
    }
}
