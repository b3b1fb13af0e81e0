// The shelf that a reader sees.

/// A book on a reader's shelf.
public struct ShelfPlace: Sendable, Hashable {
    public let book: Book
    public let reason: String
    public init(book: Book, reason: String) { (self.book, self.reason) = (book, reason) }
}

/// The shop's own rules around advice: a shelf is always full, and an advisor that fails costs no reader their page.
public struct Storefront: Sendable {
    private let books: [String: Book]
    private let staffPicks: [Book]
    private let advisor: any BookAdvisor
    static let staffReason = "our staff's pick"

    /// - Parameter staffPicks: ids, best first; they fill what advice leaves empty.
    public init(books: [Book], staffPicks: [String], advisor: any BookAdvisor) {
        self.books = Dictionary(books.map { ($0.id, $0) }, uniquingKeysWith: { $1 })
        (self.staffPicks, self.advisor) = (staffPicks.compactMap { [books = self.books] in books[$0] }, advisor)
    }

    /// Books for a reader, each once, `count` of them while picks last.
    public func shelf(for reader: String, count: Int) async -> [ShelfPlace] {
        let advice = (try? await advisor.suggestions(for: reader, count: count)) ?? []
        let advised = advice.compactMap { suggestion in
            books[suggestion.book].map { ShelfPlace(book: $0, reason: suggestion.reason) }
        }
        let picks = staffPicks.map { ShelfPlace(book: $0, reason: Self.staffReason) }
        var shown: Set<String> = []
        return Array((advised + picks).filter { shown.insert($0.book.id).inserted }.prefix(count))
    }

    /// Sells a book. A sale that no advisor could note is a sale all the same.
    /// - Returns: whether advice will know of it.
    public func sell(_ sale: Sale) async -> Bool { (try? await advisor.note(sale)) != nil }
}
