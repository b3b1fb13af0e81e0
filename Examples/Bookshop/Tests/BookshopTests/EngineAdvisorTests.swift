// The engine behind the shop's protocol, on RecTesting's fakes: no file, no server, no waiting.
import Bookshop
import RecCore
import RecTesting
import Testing

@Suite struct EngineAdvisorTests {
    private let stores = InMemoryStores()
    private let clock = ManualClock(start: PlantedShop().end)

    /// An advisor on a planted shop: `u0` and the other even readers take even books (`i0`, `i2` ...), odd ones odd books.
    private func advisor(isTrained: Bool = true) async throws -> EngineAdvisor {
        let engine = stores.engine()
        if isTrained {
            try await stores.models.publish(try PlantedShop().snapshot("v1"))
            try await engine.reload()
        }
        return EngineAdvisor(engine: engine, now: { [clock] in clock.timestamp }, makeName: { "answer" })
    }

    private func sale(_ receipt: String, of book: String, to reader: String) -> Sale {
        Sale(receipt: receipt, reader: reader, book: book, time: clock.timestamp)
    }

    @Test func aReaderIsAdvisedToWhatTheirKindReads() async throws {
        let advisor = try await advisor()

        let even = try await advisor.suggestions(for: "u0", count: 1)
        let odd = try await advisor.suggestions(for: "u1", count: 1)

        #expect(even.count == 1 && PlantedShop.isEven(even[0].book))
        #expect(odd.count == 1 && !PlantedShop.isEven(odd[0].book))
    }

    @Test func theNextAdviceKnowsASale() async throws {
        let advisor = try await advisor()

        try await advisor.note(sale("r1", of: "i3", to: "a newcomer"))
        clock.advance(by: .seconds(60))
        try await advisor.note(sale("r2", of: "i5", to: "a newcomer"))
        let advice = try await advisor.suggestions(for: "a newcomer", count: 3)

        #expect(advice.count == 3 && advice.allSatisfy { !PlantedShop.isEven($0.book) })
        #expect(!advice.contains { ["i3", "i5"].contains($0.book) })
        #expect(
            stores.log.events.map(\.timestamp.milliseconds) == [
                PlantedShop().end.milliseconds, PlantedShop().end.milliseconds + 60_000,
            ])
    }

    @Test func aReceiptToldTwiceIsOneSale() async throws {
        let advisor = try await advisor()

        try await advisor.note(sale("r1", of: "i3", to: "u0"))
        try await advisor.note(sale("r1", of: "i3", to: "u0"))

        #expect(stores.log.events.count == 1)
    }

    @Test func aSaleWhoseAnswerWasLostMayBeToldAgain() async throws {
        let advisor = try await advisor()
        stores.faults.fail("sessions.record", .timeout, moment: .afterEffect)

        await #expect(throws: StorageError.self) { try await advisor.note(sale("r1", of: "i3", to: "u0")) }
        try await advisor.note(sale("r1", of: "i3", to: "u0"))

        #expect(try await stores.sessions.states(of: [UserID("u0")])[UserID("u0")]?.interactions.count == 1)
    }

    @Test func windowsThatDoNotAnswerCostFreshnessOnly() async throws {
        let advisor = try await advisor()
        stores.faults.fail("sessions.states", .timeout)

        let advice = try await advisor.suggestions(for: "u0", count: 1)

        #expect(advice.count == 1)
        #expect(stores.faults.calls(of: "sessions.states") > 0)
    }

    @Test func withoutAModelThereIsAnErrorAndTheStorefrontHasItsPicks() async throws {
        let advisor = try await advisor(isTrained: false)
        let books = [Book(id: "i0", title: "Zero", author: "A", genre: "even")]
        let storefront = Storefront(books: books, staffPicks: ["i0"], advisor: advisor)

        await #expect(throws: RecommendationError.noModel) { _ = try await advisor.suggestions(for: "u0", count: 1) }
        #expect(await storefront.shelf(for: "u0", count: 1).map(\.book) == books)
    }
}

extension PlantedShop {
    /// Whether a book is one that even readers take.
    fileprivate static func isEven(_ book: String) -> Bool { (Int(book.dropFirst()) ?? 1) % 2 == 0 }
}
