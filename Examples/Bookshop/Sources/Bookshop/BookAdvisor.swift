// What the shop asks of whoever advises its readers.

/// A book for a reader, and why, in words for the card beside it.
public struct Suggestion: Sendable, Hashable {
    public let book: String
    public let reason: String
    public init(book: String, reason: String) { (self.book, self.reason) = (book, reason) }
}

/// Advises readers. The shop's code knows this and nothing of engines: another recommender, or a person, fits behind it.
public protocol BookAdvisor: Sendable {
    /// Books for a reader, best first, at most `count`; none that the reader has.
    func suggestions(for reader: String, count: Int) async throws -> [Suggestion]
    /// Takes note of a sale; told twice, it counts once. The next suggestions know it.
    func note(_ sale: Sale) async throws
}
