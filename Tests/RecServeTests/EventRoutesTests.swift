// Events over HTTP.
import HTTPTypes
import RecCore
import Testing

@testable import RecServe

@Suite struct EventRoutesTests {
    @Test func aBareEventIsAccepted() async throws {
        let shop = try await TestShop(isOpen: false)

        let response = try await shop.send(
            .post, "/v1/events",
            #"{"event_id":"e1","user":"u","item":"i","kind":"purchase","timestamp":"2026-03-01T12:30:00.250+01:00","weight":2}"#
        )

        #expect(response.status == .accepted)
        #expect(try response.decoded() == AcceptedBody(accepted: 1, eventIds: ["e1"]))
        let event = try #require(shop.stores.log.events.first)
        #expect(event.kind == .purchase)
        #expect(event.weight == 2)
        #expect(event.timestamp.milliseconds == TestShop.noon.milliseconds - 30 * 60_000 + 250)
    }

    @Test func whatAnEventLeavesOutIsFilledIn() async throws {
        let shop = try await TestShop(isOpen: false)

        let response = try await shop.send(.post, "/v1/events", #"{"events":[{"user":"u","item":"i"}]}"#)

        let accepted: AcceptedBody = try response.decoded()
        let event = try #require(shop.stores.log.events.first)
        #expect(accepted.eventIds == [event.event?.rawValue])
        #expect(event.kind == .view)
        #expect(event.timestamp == TestShop.noon)
        #expect(event.weight == 1)
    }

    @Test func aBatchIsOneWriteInItsOrder() async throws {
        let shop = try await TestShop(isOpen: false)

        let response = try await shop.send(
            .post, "/v1/events",
            #"{"events":[{"event_id":"b","user":"u","item":"i","timestamp":1},{"event_id":"a","user":"v","item":"j"}]}"#
        )

        #expect(try response.decoded() == AcceptedBody(accepted: 2, eventIds: ["b", "a"]))
        #expect(shop.stores.log.events.map(\.user) == [UserID("u"), UserID("v")])
        #expect(shop.stores.log.events.first?.timestamp == Timestamp(milliseconds: 1))
    }

    @Test func aBatchWithBadEventsIsRefusedWholeAndNamesEach() async throws {
        let shop = try await TestShop(isOpen: false)
        let events = [
            #"{"user":"u","item":"good"}"#, #"{"user":"u"}"#, #"{"user":"u","item":7}"#,
            #"{"user":"u","item":"i","weight":-1}"#, #"{"user":"u","item":"i","wieght":1}"#, #""text""#,
            #"{"user":"u","item":"i","timestamp":"2026-02-30T00:00:00Z"}"#, #"{"item":"i"}"#,
            #"{"user":"u","item":"i","event_id":""}"#, #"{"user":"u\u0000","item":"i"}"#,
            // A name of replays.
            #"{"user":"u","item":"i","event_id":"h000000000012"}"#,
        ].joined(separator: ",")

        let response = try await shop.send(.post, "/v1/events", #"{"events":[\#(events)]}"#)

        #expect(response.status == .badRequest)
        #expect(
            try response.problem().pointers == [
                "/events/1/item", "/events/2/item", "/events/3/weight", "/events/4/wieght", "/events/5",
                "/events/6/timestamp", "/events/7/user", "/events/8/event_id", "/events/9/user", "/events/10/event_id",
            ])
        #expect(shop.stores.log.events.isEmpty)
    }

    @Test func aNumberThatNothingCanHoldIsNotDroppedInSilence() async throws {
        let shop = try await TestShop(isOpen: false)

        let response = try await shop.send(
            .post, "/v1/events",
            #"{"events":[{"user":"u","item":"i"},{"user":"u","item":"i","timestamp":99999999999999999999}]}"#)

        #expect(response.status == .badRequest)
        #expect(try response.problem().pointers == ["/events/1/timestamp"])
        #expect(shop.stores.log.events.isEmpty)
    }

    @Test func theFutureIsRefusedBeyondFiveMinutes() async throws {
        let shop = try await TestShop(isOpen: false)
        let edge = TestShop.noon.milliseconds + 300_000

        let within = try await shop.send(.post, "/v1/events", #"{"user":"u","item":"i","timestamp":\#(edge)}"#)
        let beyond = try await shop.send(.post, "/v1/events", #"{"user":"u","item":"i","timestamp":\#(edge + 1)}"#)

        #expect(within.status == .accepted)
        #expect(beyond.status == .badRequest)
        #expect(try beyond.problem().pointers == ["/timestamp"])
    }

    @Test(arguments: [0, 101])
    func aBatchHoldsOneToAHundredEvents(count: Int) async throws {
        let shop = try await TestShop(isOpen: false)
        let events = Array(repeating: #"{"user":"u","item":"i"}"#, count: count).joined(separator: ",")

        let response = try await shop.send(.post, "/v1/events", #"{"events":[\#(events)]}"#)

        #expect(response.status == .badRequest)
        #expect(try response.problem().pointers == ["/events"])
    }

    @Test(arguments: [(StorageError.Code.unavailable, 503), (.timeout, 503), (.full, 503), (.rejected, 422)])
    func nothingIsAcceptedThatIsNotHeld(code: StorageError.Code, status: Int) async throws {
        let shop = try await TestShop(isOpen: false)
        shop.stores.faults.fail("log.append", code, times: .max, reason: "secret path /x")

        let response = try await shop.send(.post, "/v1/events", #"{"user":"u","item":"i"}"#)

        #expect(response.status.code == status)
        #expect(!String(buffer: response.body).contains("secret"))
    }

    @Test func logsHoldNoIds() async throws {
        let shop = try await TestShop()
        shop.stores.faults.fail("log.append", .unavailable, times: .max, reason: "no connection")

        _ = try await shop.send(.post, "/v1/events", #"{"user":"anna-secret","item":"i-secret"}"#)
        _ = try await shop.send(.get, "/v1/users/anna-secret/recommendations")
        _ = try await shop.send(.get, "/v1/users/anna-secret/nothing")

        #expect(shop.lines.all.contains { $0.contains("Request failed") && $0.contains("no connection") })
        #expect(!shop.lines.all.contains { $0.contains("secret") })
    }
}
