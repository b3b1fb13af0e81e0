// What a client of gorse sends and gets.
import Foundation
import HTTPTypes
import RecCore
import Testing

@testable import RecServe

@Suite struct GorseTests {
    private struct Score: Decodable {
        let id: String
        let score: Double
        enum CodingKeys: String, CodingKey {
            case id = "Id"
            case score = "Score"
        }
    }

    @Test func feedbackChangesRecommendations() async throws {
        let shop = try await TestShop()
        let taken = try await shop.send(
            .post, "/api/feedback",
            #"[{"FeedbackType":"Star","UserId":"bob","ItemId":"odd-1","Timestamp":"2026-02-24T00:00:00Z","Value":1,"Comment":""}]"#
        )
        let again = try await shop.send(
            .put, "/api/feedback",
            #"[{"FeedbackType":"Star","UserId":"bob","ItemId":"odd-1","Timestamp":"2026-02-24T00:00:00Z"}]"#)
        let ids = try await shop.send(.get, "/api/recommend/bob?n=3")
        let scored = try await shop.send(
            .get, "/api/recommend/bob?n=3&offset=1", headers: [HTTPField.Name.known("X-API-Version"): "2"])
        #expect(String(buffer: taken.body) == #"{"RowAffected":1}"# && again.status == .ok)
        #expect(shop.stores.log.events.count == 1 && shop.stores.log.events.first?.kind.rawValue == "star")
        let list = try JSONDecoder().decode([String].self, from: Data(ids.body.readableBytesView))
        let scores = try JSONDecoder().decode([Score].self, from: Data(scored.body.readableBytesView))
        #expect(list.count == 3 && list.allSatisfy { $0.hasPrefix("odd-") })
        #expect(Array(list.dropFirst()) == scores.prefix(2).map(\.id) && scores.count == 3)
    }

    @Test func itemsKeepTheirCategoriesLabelsAndHiding() async throws {
        let shop = try await TestShop()
        let item =
            #"{"ItemId":"book/1","IsHidden":false,"Categories":["sf"],"Labels":{"colour":"red","tags":["x","y"],"pages":300},"Comment":"c"}"#
        let made = try await shop.send(.post, "/api/item", item)
        let read = try await shop.send(.get, "/api/item/book%2F1")
        let inCategory = try await shop.send(.get, "/api/popular?category=sf")
        let hidden = try await shop.send(.patch, "/api/item/book%2F1", #"{"IsHidden":true}"#)
        let then = try await shop.send(.get, "/api/popular?category=sf")
        let gone = try await shop.send(.delete, "/api/item/book%2F1")
        #expect(made.status == .ok && hidden.status == .ok && gone.status == .ok)
        #expect(
            String(buffer: read.body)
                == #"{"Categories":["sf"],"Comment":"c","IsHidden":false,"ItemId":"book/1","Labels":{"colour":"red","pages":"300","tags:x":"1","tags:y":"1"}}"#
        )
        #expect(String(buffer: inCategory.body).contains("book/1"))
        #expect(String(buffer: then.body) == "[]")
        #expect(try await shop.send(.get, "/api/item/book%2F1").status == .notFound)
    }

    @Test func similarItemsSessionsAndWriteBack() async throws {
        let shop = try await TestShop()
        let similar = try await shop.send(.get, "/api/item-to-item/neighbors/odd-1?n=2")
        let session = try await shop.send(
            .post, "/api/session/recommend?n=2", #"[{"FeedbackType":"read","UserId":"","ItemId":"odd-2"}]"#)
        let shown = try await shop.send(.get, "/api/recommend/eve?n=2&write-back-type=read")
        for response in [similar, session] {
            let scores = try JSONDecoder().decode([Score].self, from: Data(response.body.readableBytesView))
            #expect(scores.count == 2 && scores.allSatisfy { $0.id.hasPrefix("odd-") })
        }
        let ids = try JSONDecoder().decode([String].self, from: Data(shown.body.readableBytesView))
        #expect(shop.stores.log.events.map(\.item.rawValue) == ids)
    }

    @Test func usersAreKeptAndForgotten() async throws {
        let shop = try await TestShop()
        _ = try await shop.send(.post, "/api/user", #"{"UserId":"ann","Labels":["a"],"Comment":""}"#)
        #expect(
            String(buffer: try await shop.send(.get, "/api/user/ann").body)
                == #"{"Labels":{"label:a":"1"},"UserId":"ann"}"#)
        _ = try await shop.send(.delete, "/api/user/ann")
        #expect(try await shop.send(.get, "/api/user/ann").status == .notFound)
    }

    @Test(arguments: [
        ("/api/feedback", #"[{"FeedbackType":"x y","UserId":"u","ItemId":"i"}]"#, "/0/FeedbackType"),
        ("/api/feedback", #"[{"FeedbackType":"read","ItemId":"i"}]"#, "/0/UserId"), ("/api/feedback", "[]", ""),
        ("/api/items", #"[{"ItemId":"a"},{"ItemId":""}]"#, "/1/ItemId"),
        ("/api/item", #"{"ItemId":"a","Lables":{}}"#, "/Lables"),
    ])
    func whatIsWrongIsToldWithItsPlace(_ uri: String, _ body: String, _ pointer: String) async throws {
        let shop = try await TestShop()
        let response = try await shop.send(.post, uri, body)
        #expect(response.status == .badRequest)
        #expect(try response.problem().pointers == [pointer])
    }
}
