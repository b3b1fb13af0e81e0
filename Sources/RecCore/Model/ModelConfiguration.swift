// Everything that was chosen before or during training, kept with the model.

/// The settings a model was trained with.
public struct ModelConfiguration: Sendable, Hashable {
    /// Settings of the factorisation.
    public var als: ALSConfiguration
    /// How much an event says, by kind and age.
    public var confidence: ConfidenceModel
    /// Weights of the signals for users with a past.
    public var weights: SignalWeights
    /// Weights of the lists for users without one.
    public var strangers: StrangerWeights
    /// Neighbours kept per item.
    public var neighbours: Int
    /// Whether items of a user's past may be recommended again.
    public var repeats: Bool

    /// Whether two of three places behind the twelfth are kept for items without events: how new items come to be seen.
    public var newItemPlaces = false

    /// The stochastic policy that validation allows; `nil` = it was not calibrated.
    public var exploration: ExplorationSettings?

    /// Name of the ``ItemFactorizer`` that found the factors of items; `nil` = ``ALSTrainer``.
    public var factorizer: String?

    /// Settings that validation did not choose; what is not named may be set afterwards.
    public init(
        als: ALSConfiguration = .standard, confidence: ConfidenceModel = ConfidenceModel(),
        weights: SignalWeights = .standard, strangers: StrangerWeights = .standard, neighbours: Int = 200,
        repeats: Bool = true
    ) {
        (self.als, self.confidence, self.weights) = (als, confidence, weights)
        (self.strangers, self.neighbours, self.repeats) = (strangers, neighbours, repeats)
    }
}
