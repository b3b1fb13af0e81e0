// What a score is made of, as JSON.
import RecCore

/// `channels` sum to the score, and so do `past` (with `other_past` for what is not listed) and `without_past`.
struct ExplanationWire: Encodable {
    struct Amount: Encodable {
        let item: String
        let value: Double
    }
    private let channels: [String: Double]
    private let past: [Amount]
    private let otherPast: Double
    private let withoutPast: Double

    private enum CodingKeys: String, CodingKey {
        case channels, past
        case otherPast = "other_past"
        case withoutPast = "without_past"
    }

    /// Items of the past that are listed by name.
    static let listed = 10

    init(_ explanation: ItemExplanation) {
        channels = explanation.channels
        past = explanation.past.prefix(Self.listed).map { Amount(item: $0.item.rawValue, value: $0.value) }
        otherPast = explanation.past.dropFirst(Self.listed).reduce(0) { $0 + $1.value }
        withoutPast = explanation.withoutPast
    }
}
