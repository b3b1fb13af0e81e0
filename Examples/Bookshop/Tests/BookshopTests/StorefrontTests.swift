// The shop's own rules, without an engine: its protocol is small enough for a fake of four lines.
import RecCore
import Testing

@testable import Bookshop

/// Says what it is told to say.
private struct FixedAdvisor: BookAdvisor {
    struct Silent: Error {}
    /// `nil` = fails.
    var books: [String]?
    func suggestions(for reader: String, count: Int) async throws -> [Suggestion] {
        guard let books else { throw Silent() }
        return books.map { Suggestion(book: $0, reason: "said so") }
    }
    func note(_ sale: Sale) async throws { if books == nil { throw Silent() } }
}

@Suite struct StorefrontTests {
    private let books = ["a", "b", "c", "d"].map { Book(id: $0, title: "Book \($0)", author: "A", genre: "g") }

    private func storefront(_ advice: [String]?) -> Storefront {
        Storefront(books: books, staffPicks: ["d", "a"], advisor: FixedAdvisor(books: advice))
    }

    @Test func adviceStandsInItsOrderBeforeTheStaffsPicks() async {
        let shelf = await storefront(["b", "a"]).shelf(for: "anna", count: 3)

        #expect(shelf.map(\.book.id) == ["b", "a", "d"])
        #expect(shelf.map(\.reason) == ["said so", "said so", Storefront.staffReason])
    }

    @Test func anAdvisorThatFailsCostsNoReaderTheShelf() async {
        let shelf = await storefront(nil).shelf(for: "anna", count: 2)

        #expect(shelf.map(\.book.id) == ["d", "a"])
    }

    @Test func booksThatTheShopDoesNotHoldAreLeftOut() async {
        let shelf = await storefront(["sold out long ago", "c"]).shelf(for: "anna", count: 1)

        #expect(shelf.map(\.book.id) == ["c"])
    }

    @Test func aSaleThatNobodyNotesIsToldAndNoFailure() async {
        let sale = Sale(receipt: "r1", reader: "anna", book: "a", time: Timestamp(milliseconds: 0))

        #expect(await storefront(["a"]).sell(sale))
        #expect(await !storefront(nil).sell(sale))
    }
}
