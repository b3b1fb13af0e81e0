// The names that outside systems give to users, items and events.

/// A customer, reader or listener, as the shop names it. Any non-empty text of at most 255 UTF-8 bytes.
public struct UserID: Hashable, Sendable, Comparable, CustomStringConvertible {
    public let rawValue: String
    public init(_ rawValue: String) { self.rawValue = rawValue }
    public var description: String { rawValue }
    public static func < (a: UserID, b: UserID) -> Bool { a.rawValue < b.rawValue }
}

/// A product, book, film or article, as the catalogue names it. Any non-empty text of at most 255 UTF-8 bytes.
public struct ItemID: Hashable, Sendable, Comparable, CustomStringConvertible {
    public let rawValue: String
    public init(_ rawValue: String) { self.rawValue = rawValue }
    public var description: String { rawValue }
    public static func < (a: ItemID, b: ItemID) -> Bool { a.rawValue < b.rawValue }
}

/// The name of one event. Two interactions with the same event id are the same event, delivered twice.
public struct EventID: Hashable, Sendable, Comparable, CustomStringConvertible {
    public let rawValue: String
    public init(_ rawValue: String) { self.rawValue = rawValue }
    public var description: String { rawValue }
    /// Order of UTF-8 bytes, the tie break of windows: the same in every store.
    public static func < (a: EventID, b: EventID) -> Bool {
        a.rawValue.utf8.lexicographicallyPrecedes(b.rawValue.utf8)
    }
}

/// The name of one published model: lower-case letters, digits, dot, dash and underscore, 1 to 64 characters.
public struct ModelVersion: Hashable, Sendable, Comparable, CustomStringConvertible {
    public let rawValue: String

    /// `nil` when the text could not be a folder name in a model store (see the type's comment).
    public init?(_ rawValue: String) {
        let bytes = Array(rawValue.utf8)
        func isAlphanumeric(_ b: UInt8) -> Bool {
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(b) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(b)
        }
        guard let first = bytes.first, bytes.count <= 64, isAlphanumeric(first),
            bytes.allSatisfy({
                isAlphanumeric($0) || [UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_")].contains($0)
            }),
            !rawValue.contains("..")
        else { return nil }
        self.rawValue = rawValue
    }
    public var description: String { rawValue }
    public static func < (a: ModelVersion, b: ModelVersion) -> Bool { a.rawValue < b.rawValue }
}
