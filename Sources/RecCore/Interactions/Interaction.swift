// One thing that a user did with an item.

/// What was done: a short name such as `view`, `cart`, `purchase`. Shops may use their own names.
public struct InteractionKind: Hashable, Sendable, CustomStringConvertible {
    public let rawValue: String
    /// `nil` unless the name has 1 to 32 characters, all lower-case letters, digits, `_` or `-`.
    public init?(_ rawValue: String) {
        let allowed = rawValue.utf8.allSatisfy {
            (97...122).contains($0) || (48...57).contains($0) || $0 == 95 || $0 == 45
        }
        guard allowed, (1...32).contains(rawValue.utf8.count) else { return nil }
        self.rawValue = rawValue
    }
    private init(known: String) { rawValue = known }
    public static let view = InteractionKind(known: "view")
    public static let click = InteractionKind(known: "click")
    public static let cart = InteractionKind(known: "cart")
    public static let purchase = InteractionKind(known: "purchase")
    public static let rating = InteractionKind(known: "rating")
    public static let dislike = InteractionKind(known: "dislike")
    public var description: String { rawValue }
}

/// One event: a user, an item, what was done, when, and how much of it (pieces bought, stars given).
public struct Interaction: Hashable, Sendable {
    /// The event's name. `nil` for rows of a bulk file, whose identity is the file and the line.
    public let event: EventID?
    public let user: UserID
    public let item: ItemID
    public let kind: InteractionKind
    public let timestamp: Timestamp
    /// Finite and above zero: pieces, stars, seconds. 1 when the source says nothing.
    public let weight: Float
    /// The name of the answer in which the user saw the item; `nil` = not known. The log keeps it; windows and history do not.
    public let recommendation: String?

    /// - Throws: ``InvalidInteraction`` that names the field and what is wrong with it.
    public init(
        event: EventID? = nil, user: UserID, item: ItemID, kind: InteractionKind, timestamp: Timestamp,
        weight: Float = 1, recommendation: String? = nil
    ) throws(InvalidInteraction) {
        func check(_ field: String, _ text: String, limit: Int) throws(InvalidInteraction) {
            guard !text.isEmpty else { throw InvalidInteraction(field: field, reason: "is empty") }
            guard text.utf8.count <= limit else {
                throw InvalidInteraction(field: field, reason: "is longer than \(limit) bytes")
            }
            guard !text.utf8.contains(where: { $0 < 32 || $0 == 127 }) else {
                throw InvalidInteraction(field: field, reason: "holds a control character")
            }
        }
        try check("user", user.rawValue, limit: 255)
        try check("item", item.rawValue, limit: 255)
        if let event { try check("event id", event.rawValue, limit: 128) }
        if let recommendation { try check("recommendation id", recommendation, limit: 128) }
        guard weight.isFinite, weight > 0 else {
            throw InvalidInteraction(field: "weight", reason: "is not a finite number above zero")
        }
        guard timestamp.isInCalendar else {
            throw InvalidInteraction(field: "timestamp", reason: "lies outside the years 1 to 9999")
        }
        (self.event, self.user, self.item, self.kind) = (event, user, item, kind)
        (self.timestamp, self.weight, self.recommendation) = (timestamp, weight, recommendation)
    }
}

/// Why something that came from outside is not an interaction.
public struct InvalidInteraction: Error, Hashable, Sendable, CustomStringConvertible {
    public let field: String
    public let reason: String
    public init(field: String, reason: String) { (self.field, self.reason) = (field, reason) }
    public var description: String { "\(field) \(reason)" }
}
