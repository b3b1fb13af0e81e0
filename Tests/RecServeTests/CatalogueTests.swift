// A server whose catalogue changes while it answers.
import HummingbirdTesting
import RecCore
import RecTesting
import Testing

@testable import RecServe

@Suite struct CatalogueTests {
    /// A shop whose items are described, with a served model.
    private func shop() async throws -> TestShop {
        let shop = try await TestShop(isOpen: false)
        let planted = PlantedShop()
        try await shop.stores.catalog.upsert(planted.catalog())
        try await shop.stores.models.publish(try planted.snapshot("v1"))
        try await shop.engine.reload()
        return shop
    }

    private func even(_ id: String, isHidden: Bool = false) -> CatalogItem {
        CatalogItem(
            id: ItemID(id), attributes: ["group": "even", "text": "item of shelf 2"], isHidden: isHidden)
    }

    private func ids(_ uri: String, _ client: some TestClientProtocol) async throws -> [String] {
        try await client.execute(uri: uri, method: .get).decoded(AnswerBody.self).items.map(\.id)
    }

    /// Asks until the answer is right. - Returns: the time it took; `nil` after half a minute.
    private func time(
        until isRight: ([String]) -> Bool, _ uri: String, _ client: some TestClientProtocol
    ) async throws -> Duration? {
        let start = ContinuousClock.now
        while ContinuousClock.now - start < .seconds(30) {
            if isRight(try await ids(uri, client)) { return ContinuousClock.now - start }
        }
        return nil
    }

    @Test func aChangeOfTheCatalogueIsServedWithinASecond() async throws {
        let shop = try await shop()
        let similar = "/v1/items/i2/similar?limit=40"
        let personal = "/v1/users/u0/recommendations?mode=recency&limit=200"
        let refresher = Task { try await CatalogueRefresher(engine: shop.engine, logger: shop.logger).run() }
        defer { refresher.cancel() }

        try await shop.server().application().test(.live) { client in
            // A machine that other tests keep busy may be late; a refresher that is too slow is late every time.
            var rounds: [[Duration?]] = []
            for round in 0..<10 {
                let id = "fresh-\(round)"
                #expect(try await !ids(similar, client).contains(id))

                try await shop.stores.catalog.upsert([even(id)])
                let added = try await time(until: { $0.contains(id) }, similar, client)
                #expect(try await ids(personal, client).contains(id))
                #expect(try await ids("/v1/items/\(id)/similar?limit=40", client).contains("i2"))

                try await shop.stores.catalog.upsert([even(id, isHidden: true)])
                let hidden = try await time(until: { !$0.contains(id) }, similar, client)
                try await shop.stores.catalog.upsert([even(id)])
                let shown = try await time(until: { $0.contains(id) }, similar, client)
                rounds.append([added, hidden, shown])
                guard !rounds[round].contains(nil) else { break }
                if rounds[round].allSatisfy({ ($0 ?? .seconds(9)) < .seconds(1) }) { break }
            }
            #expect(rounds.last?.allSatisfy { ($0 ?? .seconds(9)) < .seconds(1) } == true, "\(rounds)")
        }
    }

    @Test func anEventWithAnAddedItemChangesTheNextAnswer() async throws {
        let shop = try await shop()
        try await shop.stores.catalog.upsert([even("fresh")])
        var cycle = RefreshCycle()
        await cycle.refresh(shop.engine, logger: shop.logger)
        let before: AnswerBody = try await shop.send(.get, "/v1/users/visitor/recommendations").decoded()

        let accepted = try await shop.send(
            .post, "/v1/events", #"{"user":"visitor","item":"fresh","kind":"purchase"}"#)
        let after: AnswerBody = try await shop.send(.get, "/v1/users/visitor/recommendations?limit=5").decoded()

        #expect(accepted.status == .accepted || accepted.status == .ok)
        #expect(before.mode == "cold_start" && after.mode == "recency")
        #expect(after.items.map(\.id) != before.items.prefix(5).map(\.id))
        #expect(after.unknownItems.isEmpty)
    }

    @Test func aFailingCatalogueIsLoggedOnceAndFollowedAgain() async throws {
        let shop = try await shop()
        var cycle = RefreshCycle()
        try await shop.stores.catalog.upsert([even("fresh")])
        shop.stores.faults.fail("catalog.changes", .unavailable, times: 8)

        for _ in 0..<8 { await cycle.refresh(shop.engine, logger: shop.logger) }
        let during = try await shop.send(.get, "/v1/items/i2/similar?limit=20")
        #expect(during.status == .ok)
        #expect(shop.lines.all.count { $0.hasPrefix("error Catalogue not read") } == 1)

        for _ in 0..<3 { await cycle.refresh(shop.engine, logger: shop.logger) }
        #expect(shop.lines.all.count { $0.contains("followed again") } == 1)
        let after: AnswerBody = try await shop.send(.get, "/v1/items/i2/similar?limit=20").decoded()
        #expect(after.items.map(\.id).contains("fresh"))
    }

    @Test func theRefresherKeepsToItsPeriodAndStopsWhenItIsCancelled() async throws {
        let shop = try await shop()
        let clock = ManualClock()
        let before = shop.stores.faults.calls(of: "catalog.changes")
        let task = Task {
            try await CatalogueRefresher(engine: shop.engine, clock: clock, logger: shop.logger).run()
        }
        for round in 1...4 {
            while clock.sleeperCount == 0 { await Task.yield() }
            #expect(shop.stores.faults.calls(of: "catalog.changes") == before + round - 1)
            clock.advance(by: .milliseconds(250))
        }
        while clock.sleeperCount == 0 { await Task.yield() }

        task.cancel()

        try await task.value
        #expect(shop.stores.faults.calls(of: "catalog.changes") == before + 4)
    }
}
