// What the shop sells.

/// A title on the shop's list.
public struct Book: Sendable, Hashable {
    /// The shop's own name of it, such as `salt-road`.
    public let id: String
    public let title: String
    public let author: String
    public let genre: String
    public init(id: String, title: String, author: String, genre: String) {
        (self.id, self.title, self.author, self.genre) = (id, title, author, genre)
    }
}
