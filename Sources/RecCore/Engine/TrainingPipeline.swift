// From interactions to a model: the order of the steps.
import Synchronization

/// What training is to do. Everything left at its default is chosen on a validation cut inside the training data.
public struct TrainingOptions: Sendable {
    public var als: ALSConfiguration
    public var confidence: ConfidenceModel
    public var neighbours: Int
    /// Whether past items may be recommended again; `nil` = as the validation cut shows.
    public var repeats: Bool?
    /// `nil` = fitted on the validation cut.
    public var channels: ChannelWeights?
    public var validationDays: Double
    /// Validation users the weights are fitted on, at most.
    public var validationUsers: Int

    public init(
        als: ALSConfiguration = .standard, confidence: ConfidenceModel = ConfidenceModel(), neighbours: Int = 200,
        repeats: Bool? = nil,
        channels: ChannelWeights? = nil, validationDays: Double = 7, validationUsers: Int = 4000
    ) {
        (self.als, self.confidence, self.neighbours) = (als, confidence, neighbours)
        (self.repeats, self.channels) = (repeats, channels)
        (self.validationDays, self.validationUsers) = (validationDays, validationUsers)
    }
}

/// A step of training, for progress.
public enum TrainingStep: Sendable, Hashable {
    case building
    case validating
    case sweep(Int, of: Int)
    case neighbours
    /// Attributes to features.
    case content
    /// Features to factors of items without events.
    case prior
    case fittingBlend(users: Int)
    case done
}

/// Trains a ``ModelSnapshot``. Synchronous and heavy: call it from a thread of its own.
public struct TrainingPipeline: Sendable {
    public let options: TrainingOptions
    public init(_ options: TrainingOptions) { self.options = options }

    /// - Parameters:
    ///   - builder: all events, and catalogue items without events.
    ///   - attributes: of each item, by id.
    ///   - marks: which events to learn from; `nil` = all.
    /// - Throws: ``TrainingError``.
    public func train(
        _ builder: HistoryBuilder, attributes: [ItemID: [String: String]], marks: [Bool]? = nil, version: ModelVersion,
        created: Timestamp, report: (TrainingStep) -> Void = { _ in }
    ) throws(TrainingError) -> ModelSnapshot {
        var configuration = ModelConfiguration(
            als: options.als, confidence: options.confidence.scaled(to: builder.kinds),
            channels: options.channels ?? ChannelWeights(),
            neighbours: options.neighbours, repeats: options.repeats ?? true)
        var metrics: [String: Double] = [:]
        report(.content)
        let features = ItemFeatures.build(builder.itemIDs.map { attributes[$0] ?? [:] })
        if options.channels == nil || options.repeats == nil {
            report(.validating)
            let split = builder.validationSplit(days: options.validationDays, within: marks)
            if !split.test.isEmpty, split.isTraining.contains(true) {
                let inner = try fit(
                    builder, features, split.isTraining, configuration, metrics: [:], version, created, report)
                if options.repeats == nil { configuration.repeats = Self.repeats(split, inner.history) }
                if options.channels == nil {
                    let examples = validationExamples(split, inner, repeats: configuration.repeats)
                    report(.fittingBlend(users: examples.count))
                    let (weights, map) = BlendFitter(examples).fit()
                    configuration.channels = weights
                    metrics = ["validation MAP@12": map, "validation users": Double(examples.count)]
                }
            }
        }
        let snapshot = try fit(builder, features, marks, configuration, metrics: metrics, version, created, report)
        report(.done)
        return snapshot
    }

    private func fit(
        _ builder: HistoryBuilder, _ features: ItemFeatures, _ marks: [Bool]?,
        _ configuration: ModelConfiguration, metrics: [String: Double], _ version: ModelVersion, _ created: Timestamp,
        _ report: (TrainingStep) -> Void
    ) throws(TrainingError) -> ModelSnapshot {
        report(.building)
        let history = builder.build(configuration.confidence, only: marks)
        let trainer = ALSTrainer(configuration.als)
        var factors = try trainer.fit(history.matrix) { sweep in
            report(.sweep(sweep, of: configuration.als.sweeps))
            return true
        }
        report(.prior)
        let projection = ContentProjection.fit(features, factors: factors.items, weights: Array(history.itemEvents))
        var cold: [Int: [Float]] = [:]
        for item in 0..<history.items.count where history.itemEvents[item] == 0 {
            if let prior = projection.factors(of: item, features) { cold[item] = prior }
        }
        if !cold.isEmpty {
            factors = try trainer.refitUsers(history.matrix, items: factors.items.replacing(cold))
        }
        report(.neighbours)
        let neighbours = ItemNeighbours.build(history, count: configuration.neighbours)
        return try ModelSnapshot(
            version: version, created: created, configuration: configuration, history: history, factors: factors,
            neighbours: neighbours, features: features, projection: projection, metrics: metrics)
    }

    /// True when at least one in fifty of the held-out pairs of known users was in their past.
    private static func repeats(_ split: HistorySplit, _ history: InteractionHistory) -> Bool {
        guard split.cut != nil else { return false }
        var pairs = 0
        var known = 0
        for (user, items) in split.test {
            let past = Set(history.past(of: user).map(\.item))
            guard !past.isEmpty else { continue }
            pairs += items.count
            known += items.intersection(past).count
        }
        return known * 50 >= pairs && known > 0
    }

    private func validationExamples(_ split: HistorySplit, _ snapshot: ModelSnapshot, repeats: Bool) -> [BlendFitter
        .Example]
    {
        var users = split.test.keys.sorted()
        var generator = SplitMix64(seed: options.als.seed)
        users.shuffle(using: &generator)
        users = users.prefix(options.validationUsers).sorted()
        let chosen = users
        let examples = Mutex([BlendFitter.Example?](repeating: nil, count: chosen.count))
        forEachRange(chosen.count, grain: 16) { range in
            for place in range {
                let user = chosen[place]
                let relevant = split.test[user] ?? []
                let candidates = snapshot.scorer.candidates(
                    for: snapshot.evidence(ofRow: user), count: 100, withPast: repeats, isEligible: { _ in true })
                // Where nothing is taken twice, past items among the held-out ones cannot be hit by anyone.
                let past = repeats ? [] : Set(snapshot.history.past(of: user).map(\.item))
                let example = BlendFitter.Example(candidates, relevant: relevant.subtracting(past))
                examples.withLock { $0[place] = example }
            }
        }
        return examples.withLock { $0.compactMap { $0 } }
    }
}
