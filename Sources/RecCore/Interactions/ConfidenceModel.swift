// How much one event says about taste: by its kind and its age.

/// Confidence of a (user, item) pair: the sum over its events of kind weight and decay, growing with the logarithm above 1.
public struct ConfidenceModel: Sendable, Hashable {
    /// Weight of an event by kind; kinds not named weigh 1, 0 leaves events out.
    public var kindWeights: [InteractionKind: Double]
    /// Days after which an event says half as much; `nil` = events do not age.
    public var halfLifeDays: Double?

    /// The defaults take a purchase for one whole event and leave dislikes out; nothing ages.
    public init(
        kindWeights: [InteractionKind: Double] = [
            .view: 0.2, .click: 0.3, .cart: 0.6, .purchase: 1, .rating: 1, .dislike: 0,
        ],
        halfLifeDays: Double? = nil
    ) {
        (self.kindWeights, self.halfLifeDays) = (kindWeights, halfLifeDays)
    }

    /// The same proportions, scaled so that the heaviest of `kinds` weighs 1: a log of views alone is then as clear as one of
    /// purchases alone.
    public func scaled(to kinds: some Sequence<InteractionKind>) -> ConfidenceModel {
        let heaviest = kinds.map { kindWeights[$0] ?? 1 }.max() ?? 1
        guard heaviest > 0, heaviest != 1 else { return self }
        return ConfidenceModel(kindWeights: kindWeights.mapValues { $0 / heaviest }, halfLifeDays: halfLifeDays)
    }

    /// Weight of one event seen from `now`.
    public func weight(of kind: InteractionKind, at time: Timestamp, now: Timestamp) -> Double {
        let base = kindWeights[kind] ?? 1
        guard let halfLifeDays else { return base }
        return base * exp2Of(-max(0, now.days - time.days) / halfLifeDays)
    }

    /// Confidence of a pair from the sum of its events' weights: the sum up to 1, then 1 + ln(sum).
    public func confidence(ofSum sum: Double) -> Float {
        Float(sum <= 1 ? sum : 1 + logOf(sum))
    }

    /// The sum that a confidence came from.
    func sum(of confidence: Float) -> Double {
        confidence <= 1 ? Double(confidence) : expOf(Double(confidence) - 1)
    }
}
