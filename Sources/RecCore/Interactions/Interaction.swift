// One thing that a user did with an item.

/// What was done: a short name such as `view`, `cart`, `purchase`. Shops may use their own names.
public struct InteractionKind: Hashable, Sendable, CustomStringConvertible {
    /// The name, 1 to 32 characters.
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
    /// Looked at. Weighs 0.2 by default (``ConfidenceModel``).
    public static let view = InteractionKind(known: "view")
    /// Clicked on. Weighs 0.3 by default.
    public static let click = InteractionKind(known: "click")
    /// Put into the basket. Weighs 0.6 by default.
    public static let cart = InteractionKind(known: "cart")
    /// Bought. Weighs 1 by default.
    public static let purchase = InteractionKind(known: "purchase")
    /// Rated; the stars are the event's weight. Weighs 1 by default.
    public static let rating = InteractionKind(known: "rating")
    /// Turned down. Weighs 0 by default: training leaves it out.
    public static let dislike = InteractionKind(known: "dislike")
    public var description: String { rawValue }
}

/// One event: a user, an item, what was done, when, and how much of it (pieces bought, stars given).
public struct Interaction: Hashable, Sendable {
    /// The event's name. `nil` for rows of a bulk file, whose identity is the file and the line.
    public let event: EventID?
    /// Who did it.
    public let user: UserID
    /// To what.
    public let item: ItemID
    /// What was done.
    public let kind: InteractionKind
    /// When it was done, by the clock of the source.
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
            if let fault = IdentifierRule.fault(text, limit: limit) {
                throw InvalidInteraction(field: field, reason: fault)
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
    /// Which part is wrong, such as `weight`.
    public let field: String
    /// What is wrong with it, without the value: `is empty`.
    public let reason: String
    /// Reads as one sentence: `field reason`.
    public init(field: String, reason: String) { (self.field, self.reason) = (field, reason) }
    public var description: String { "\(field) \(reason)" }
}
