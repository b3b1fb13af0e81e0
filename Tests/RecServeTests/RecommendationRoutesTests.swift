// Lists of items over HTTP.
import HTTPTypes
import RecCore
import Testing

@testable import RecServe

@Suite struct RecommendationRoutesTests {
    @Test func anAnswerNamesItsModelItsModeAndItsPlaces() async throws {
        let shop = try await TestShop()

        let response = try await shop.send(.get, "/v1/users/user-2/recommendations?limit=3")

        let answer: AnswerBody = try response.decoded()
        #expect(response.status == .ok)
        #expect(response.headers[.contentType] == "application/json")
        #expect(response.headers[.cacheControl] == "no-store")
        #expect(answer.modelVersion == "v1")
        #expect(answer.mode == "recency")
        #expect(answer.policy == "greedy")
        #expect(answer.items.map(\.rank) == [1, 2, 3])
        #expect(answer.items.allSatisfy { $0.propensity == 1 && !$0.reason.isEmpty })
        #expect(!answer.fallback && answer.degraded.isEmpty && answer.unknownItems.isEmpty)
        #expect(!answer.recommendationId.isEmpty)
    }

    @Test(arguments: ["auto", "cold_start", "similarity", "cross_sell", "recency"])
    func everyModeAnswersByBothMethods(mode: String) async throws {
        let shop = try await TestShop()

        let read = try await shop.send(.get, "/v1/users/user-2/recommendations?mode=\(mode)&items=even-1&limit=4")
        let posted = try await shop.send(
            .post, "/v1/recommendations", #"{"user":"user-2","mode":"\#(mode)","items":["even-1"],"limit":4}"#)

        let first: AnswerBody = try read.decoded()
        let second: AnswerBody = try posted.decoded()
        #expect(read.status == .ok && posted.status == .ok)
        #expect(first.mode == (mode == "auto" ? "similarity" : mode))
        #expect(first.items.map(\.id) == second.items.map(\.id))
        #expect(first.items.count == 4)
    }

    @Test func anEventChangesTheVeryNextAnswerOfItsUser() async throws {
        let shop = try await TestShop()
        let before: AnswerBody = try await shop.send(.get, "/v1/users/stranger/recommendations").decoded()

        let taken = try await shop.send(.post, "/v1/events", #"{"user":"stranger","item":"odd-1","kind":"purchase"}"#)
        let after: AnswerBody = try await shop.send(.get, "/v1/users/stranger/recommendations").decoded()

        #expect(taken.status == .accepted)
        #expect(before.mode == "cold_start")
        #expect(after.mode == "recency")
        #expect(after.items.prefix(3).allSatisfy { $0.id.hasPrefix("odd-") })
    }

    @Test func recentEventsOfAVisitorLeadWithoutBeingStored() async throws {
        let shop = try await TestShop()

        let response = try await shop.send(
            .post, "/v1/recommendations",
            #"{"recent_events":[{"item":"odd-2","kind":"cart","timestamp":"2026-03-01T11:59:00Z"},{"item":"odd-3"}]}"#)

        let answer: AnswerBody = try response.decoded()
        #expect(answer.mode == "recency")
        #expect(answer.items.prefix(3).allSatisfy { $0.id.hasPrefix("odd-") })
        #expect(shop.stores.log.events.isEmpty)
    }

    @Test func idsInPathsMayHoldAnyCharacter() async throws {
        let shop = try await TestShop()
        _ = try await shop.send(.post, "/v1/events", #"{"user":"ü/%?+ 1","item":"odd-1"}"#)

        let user: AnswerBody = try await shop.send(.get, "/v1/users/%C3%BC%2F%25%3F+%201/recommendations").decoded()
        let item: AnswerBody = try await shop.send(.get, "/v1/items/a%2Fb%20c%25/similar").decoded()

        #expect(user.mode == "recency")
        #expect(item.mode == "similarity")
        #expect(item.unknownItems.isEmpty)
        #expect(item.items.allSatisfy { $0.id != "a/b c%" })
    }

    @Test func commasInsideListedIdsAreWrittenEncoded() async throws {
        let shop = try await TestShop()

        let answer: AnswerBody = try await shop.send(
            .get, "/v1/users/u/recommendations?mode=cross_sell&items=x%2Cy,a%2Fb+c%25,z"
        ).decoded()

        #expect(answer.unknownItems == ["x,y", "z"])
        #expect(answer.mode == "cross_sell")
    }

    @Test func anUnknownItemFallsBackAndSaysSo() async throws {
        let shop = try await TestShop()

        let answer: AnswerBody = try await shop.send(.get, "/v1/items/never-seen/similar").decoded()

        #expect(answer.fallback)
        #expect(answer.mode == "cold_start")
        #expect(answer.unknownItems == ["never-seen"])
        #expect(!answer.items.isEmpty)
    }

    @Test func anExplanationAddsUpToTheScoreTwice() async throws {
        struct Body: Decodable {
            struct Item: Decodable {
                struct Explanation: Decodable {
                    struct Amount: Decodable {
                        let item: String
                        let value: Double
                    }
                    let channels: [String: Double]
                    let past: [Amount]
                    let otherPast: Double
                    let withoutPast: Double
                }
                let score: Double
                let explanation: Explanation?
            }
            let items: [Item]
        }
        let shop = try await TestShop()

        let plain: Body = try await shop.send(.get, "/v1/users/user-2/recommendations").decoded()
        let explained: Body = try await shop.send(.get, "/v1/users/user-2/recommendations?explain=true").decoded()

        #expect(plain.items.allSatisfy { $0.explanation == nil })
        #expect(!explained.items.isEmpty)
        for item in explained.items {
            let explanation = try #require(item.explanation)
            let past = explanation.past.reduce(0) { $0 + $1.value } + explanation.otherPast
            #expect(!explanation.past.isEmpty)
            #expect(abs(explanation.channels.values.reduce(0, +) - item.score) < 1e-6)
            #expect(abs(past + explanation.withoutPast - item.score) < 1e-6)
        }
        let refused = try await shop.send(.get, "/v1/users/user-2/recommendations?explain=yes")
        #expect(refused.status == .badRequest)
    }

    @Test func excludedItemsStayAway() async throws {
        let shop = try await TestShop()

        let answer: AnswerBody = try await shop.send(
            .post, "/v1/recommendations", #"{"user":"user-2","exclude_items":["even-0","even-1"],"allow_seen":true}"#
        ).decoded()

        #expect(!answer.items.isEmpty)
        #expect(!answer.items.contains { ["even-0", "even-1"].contains($0.id) })
    }

    @Test func aSilentSessionStoreDegradesTheAnswerAndSaysSo() async throws {
        let shop = try await TestShop()
        shop.stores.faults.fail("sessions.states", .timeout, times: .max, reason: "slow")

        let response = try await shop.send(.get, "/v1/users/user-2/recommendations")

        let answer: AnswerBody = try response.decoded()
        #expect(response.status == .ok)
        #expect(answer.degraded == ["sessions"])
        #expect(response.headers[.degraded] == "sessions")
        #expect(!answer.items.isEmpty)
    }

    @Test func withoutAModelTheCallerIsToldWhenToComeBack() async throws {
        let shop = try await TestShop(isOpen: false)

        let response = try await shop.send(.post, "/v1/recommendations", "{}")

        #expect(response.status == .serviceUnavailable)
        #expect(response.headers[.retryAfter] == "5")
        #expect(response.headers[.contentType] == "application/problem+json")
        #expect(try response.problem().code == "no_model")
    }

    @Test(arguments: ["0", "201", "-1", "12.5", "1e3", "99999999999999999999", "", "0x10", "١"])
    func aLimitOutsideOneToTwoHundredIsRefused(limit: String) async throws {
        let shop = try await TestShop()

        for uri in ["/v1/users/u/recommendations?limit=\(limit)", "/v1/items/even-1/similar?limit=\(limit)"] {
            let response = try await shop.send(.get, uri)
            #expect(response.status == .badRequest)
            #expect(try response.problem().errors?.first?.parameter == "limit")
        }
    }

    @Test func everyFaultOfARequestIsToldAtOnce() async throws {
        let shop = try await TestShop()

        let response = try await shop.send(
            .post, "/v1/recommendations",
            #"{"user":"","mode":"best","items":["ok",""],"limit":201,"recent_events":[{"item":"x","kind":"Bad Kind"}]}"#
        )

        let problem = try response.problem()
        #expect(response.status == .badRequest)
        #expect(problem.pointers == ["/user", "/mode", "/limit", "/items/1", "/recent_events/0/kind"])
    }

    @Test func listsBeyondTheirLimitsAreRefused() async throws {
        let shop = try await TestShop()
        let items = (0...100).map { "\"i\($0)\"" }.joined(separator: ",")
        let events = (0...100).map { #"{"item":"i\#($0)"}"# }.joined(separator: ",")

        let first = try await shop.send(.post, "/v1/recommendations", #"{"items":[\#(items)]}"#)
        let second = try await shop.send(.post, "/v1/recommendations", #"{"recent_events":[\#(events)]}"#)
        let query = (0...100).map { "i\($0)" }.joined(separator: ",")
        let third = try await shop.send(.get, "/v1/users/u/recommendations?items=\(query)")

        #expect(try first.problem().pointers == ["/items"])
        #expect(try second.problem().pointers == ["/recent_events"])
        #expect(try third.problem().errors?.first?.parameter == "items")
    }

    @Test func aMisspeltParameterIsNotLostInSilence() async throws {
        let shop = try await TestShop()

        let unknown = try await shop.send(.get, "/v1/users/u/recommendations?limt=5")
        let twice = try await shop.send(.get, "/v1/users/u/recommendations?limit=5&limit=6")

        #expect(unknown.status == .badRequest)
        #expect(try unknown.problem().errors?.first?.parameter == "limt")
        #expect(twice.status == .badRequest)
    }
}
