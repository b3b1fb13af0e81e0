// What the till knows.
import RecCore

/// A book that a reader paid for.
public struct Sale: Sendable, Hashable {
    /// The number on the receipt: the same number is the same sale, told twice.
    public let receipt: String
    public let reader: String
    public let book: String
    public let time: Timestamp
    public init(receipt: String, reader: String, book: String, time: Timestamp) {
        (self.receipt, self.reader, self.book, self.time) = (receipt, reader, book, time)
    }

    /// The sale as the engine takes it.
    /// - Throws: when a name is empty, too long, or holds control characters.
    public func interaction() throws(InvalidInteraction) -> Interaction {
        try Interaction(
            event: EventID(receipt), user: UserID(reader), item: ItemID(book), kind: .purchase, timestamp: time)
    }
}
