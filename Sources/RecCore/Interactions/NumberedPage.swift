// History as training reads it: names once, rows as numbers.

/// A page of history whose names are numbers of its reader.
public struct NumberedPage: Sendable {
    /// Names that no page of the reader had before, in the order of their numbers, which go on from page to page from 0.
    public var newUsers: [UserID] = []
    public var newItems: [ItemID] = []
    public var newKinds: [InteractionKind] = []
    /// One of each a row.
    public var users: [Int32] = []
    public var items: [Int32] = []
    public var kinds: [UInt16] = []
    public var timestamps: [Timestamp] = []
    public init() {}
}
