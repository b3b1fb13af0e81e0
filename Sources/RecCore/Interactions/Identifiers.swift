// The names that outside systems give to users, items and events.

/// Names are bytes: `é` in one piece and `é` in two are two names, as they are for every store, though Swift's texts are equal.
private func sameBytes(_ a: String, _ b: String) -> Bool { a == b && a.utf8.elementsEqual(b.utf8) }

/// Which texts from outside may be names.
package enum IdentifierRule {
    /// What is wrong with a text as the id of a user or item, or with a shorter `limit` as another name; `nil` = nothing.
    package static func fault(_ text: String, limit: Int = 255) -> String? {
        if text.isEmpty { return "is empty" }
        if text.utf8.count > limit { return "is longer than \(limit) bytes" }
        if text.utf8.contains(where: { $0 < 32 || $0 == 127 }) { return "holds a control character" }
        return nil
    }
}

/// A customer, reader or listener, as the shop names it. Any non-empty text of at most 255 UTF-8 bytes.
public struct UserID: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The name as it came, byte for byte.
    public let rawValue: String
    /// Takes any text: an ``Interaction`` checks it.
    public init(_ rawValue: String) { self.rawValue = rawValue }
    public var description: String { rawValue }
    public static func == (a: UserID, b: UserID) -> Bool { sameBytes(a.rawValue, b.rawValue) }
    /// Order of UTF-8 bytes: the same in every store.
    public static func < (a: UserID, b: UserID) -> Bool {
        a.rawValue.utf8.lexicographicallyPrecedes(b.rawValue.utf8)
    }
    public func hash(into hasher: inout Hasher) { hasher.combine(rawValue) }
}

/// A product, book, film or article, as the catalogue names it. Any non-empty text of at most 255 UTF-8 bytes.
public struct ItemID: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The name as it came, byte for byte.
    public let rawValue: String
    /// Takes any text: an ``Interaction`` checks it.
    public init(_ rawValue: String) { self.rawValue = rawValue }
    public var description: String { rawValue }
    public static func == (a: ItemID, b: ItemID) -> Bool { sameBytes(a.rawValue, b.rawValue) }
    /// Order of UTF-8 bytes: the same in every store.
    public static func < (a: ItemID, b: ItemID) -> Bool {
        a.rawValue.utf8.lexicographicallyPrecedes(b.rawValue.utf8)
    }
    public func hash(into hasher: inout Hasher) { hasher.combine(rawValue) }
}

/// The name of one event. Two interactions with the same event id are the same event, delivered twice.
public struct EventID: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The name as it came, byte for byte.
    public let rawValue: String
    /// Takes any text: an ``Interaction`` checks it.
    public init(_ rawValue: String) { self.rawValue = rawValue }
    public var description: String { rawValue }
    public static func == (a: EventID, b: EventID) -> Bool { sameBytes(a.rawValue, b.rawValue) }
    /// Order of UTF-8 bytes: the same in every store.
    public static func < (a: EventID, b: EventID) -> Bool {
        a.rawValue.utf8.lexicographicallyPrecedes(b.rawValue.utf8)
    }
    public func hash(into hasher: inout Hasher) { hasher.combine(rawValue) }
}

/// The name of one published model: lower-case letters, digits, dot, dash and underscore, 1 to 64 characters.
public struct ModelVersion: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The name, which is also that of the folder or row of a model store.
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

    /// The usual name of a model made at a moment, such as `v20201231-235959-042` (UTC).
    public init(at time: Timestamp) {
        let day = Timestamp.millisecondsPerDay
        let (seconds, rest) = (((time.milliseconds % day) + day) % day).quotientAndRemainder(dividingBy: 1000)
        func padded(_ value: Int64, _ width: Int) -> String {
            String(repeating: "0", count: max(0, width - String(value).count)) + String(value)
        }
        let clock = padded(seconds / 3600, 2) + padded(seconds / 60 % 60, 2) + padded(seconds % 60, 2)
        rawValue = "v\(time.dayText.filter { $0 != "-" })-\(clock)-\(padded(rest, 3))"
    }

    public var description: String { rawValue }
    public static func < (a: ModelVersion, b: ModelVersion) -> Bool { a.rawValue < b.rawValue }
}
