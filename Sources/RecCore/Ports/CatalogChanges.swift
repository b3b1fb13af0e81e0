// What a catalogue tells of its own changes.

/// A place in the order of a catalogue's changes. Places grow with time; only the catalogue that gave one understands it.
public struct CatalogCursor: Sendable, Hashable, Comparable {
    /// The number of the last change that was read; 0 = none.
    public let revision: Int64
    /// For catalogues: a cursor is what one of them gave.
    public init(revision: Int64) { self.revision = revision }
    /// Before the first change: everything the catalogue holds comes behind it.
    public static let start = CatalogCursor(revision: 0)
    public static func < (a: CatalogCursor, b: CatalogCursor) -> Bool { a.revision < b.revision }
}

/// What became of one item.
public struct CatalogChange: Sendable, Hashable {
    /// Which item it is.
    public let id: ItemID
    /// The item as it is now; `nil` = it was removed.
    public let item: CatalogItem?
    /// The item was added, changed, hidden or shown again.
    public init(_ item: CatalogItem) { (id, self.item) = (item.id, item) }
    /// The item is no longer in the catalogue.
    public init(removed id: ItemID) { (self.id, item) = (id, nil) }
    /// Whether the item may not be recommended: hidden, or removed.
    public var isClosed: Bool { item?.isHidden ?? true }
}

/// A page of changes and the place behind it.
public struct CatalogChanges: Sendable {
    /// The oldest first; empty = nothing more.
    public let changes: [CatalogChange]
    /// Where the next page begins; of an empty page the cursor that was asked with.
    public let cursor: CatalogCursor
    /// - Parameters:
    ///   - changes: the oldest first.
    ///   - cursor: behind the last of them.
    public init(changes: [CatalogChange], cursor: CatalogCursor) { (self.changes, self.cursor) = (changes, cursor) }
}
