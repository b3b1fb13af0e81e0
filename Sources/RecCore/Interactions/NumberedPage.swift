// History as training reads it: names once, rows as numbers.

/// A page of history whose names are numbers of its reader.
public struct NumberedPage: Sendable {
    /// Names that no page of the reader had before, in the order of their numbers, which go on from page to page from 0.
    public var newUsers: [UserID] = []
    /// Items that no page had before, numbered in the same way.
    public var newItems: [ItemID] = []
    /// Kinds that no page had before, numbered in the same way.
    public var newKinds: [InteractionKind] = []
    /// One of each a row.
    public var users: [Int32] = []
    /// Number of the item of each row.
    public var items: [Int32] = []
    /// Number of the kind of each row.
    public var kinds: [UInt16] = []
    /// Moment of each row.
    public var timestamps: [Timestamp] = []
    /// A page without rows.
    public init() {}
}
