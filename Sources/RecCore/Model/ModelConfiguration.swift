// Everything that was chosen before or during training, kept with the model.

/// The settings a model was trained with.
public struct ModelConfiguration: Sendable, Hashable {
    public var als: ALSConfiguration
    public var confidence: ConfidenceModel
    public var channels: ChannelWeights
    /// Neighbours kept per item.
    public var neighbours: Int
    /// Whether items of a user's past may be recommended again.
    public var repeats: Bool

    public init(
        als: ALSConfiguration, confidence: ConfidenceModel = ConfidenceModel(),
        channels: ChannelWeights = ChannelWeights(),
        neighbours: Int = 200, repeats: Bool = true
    ) {
        (self.als, self.confidence, self.channels) = (als, confidence, channels)
        (self.neighbours, self.repeats) = (neighbours, repeats)
    }
}
