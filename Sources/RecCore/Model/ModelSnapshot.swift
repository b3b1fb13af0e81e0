// All that a request needs, immutable and versioned.

/// A trained model. Immutable: a request takes it and computes without a lock; two versions can live side by side.
public struct ModelSnapshot: Sendable {
    /// The name it is published under.
    public internal(set) var version: ModelVersion
    /// When it was trained, by the clock of who trained it.
    public internal(set) var created: Timestamp
    /// The settings it was trained with, and what validation chose.
    public let configuration: ModelConfiguration
    /// The events it was trained on, by row.
    public let history: InteractionHistory
    /// users x d and items x d.
    public let factors: Factors
    /// Items that the same users took.
    public let neighbours: ItemNeighbours
    /// What having an item says of others; empty in a large catalogue.
    public let regression: ItemRegression
    /// What is taken after an item; empty where the data have no order.
    public let sequences: ItemSequences
    /// Items with events whose attributes are like an item's.
    public let contentNeighbours: ContentNeighbours
    /// How much more often people with an attribute take an item.
    public let segments: SegmentLifts
    /// users x segments: which segments each user is in.
    public let userSegments: InteractionMatrix
    /// What the catalogue says of items.
    public let features: ItemFeatures
    /// Features of items to factors of items without events: features x d.
    public let projection: ContentProjection
    /// Segments to the prior mean of a user's factors: segments x d.
    public let userPrior: ContentProjection
    /// Figures of the validation cut, by name, such as `MAP@12`.
    public internal(set) var metrics: [String: Double]
    /// How a model of the same settings did on days it had not seen; `nil` = it was not judged.
    public internal(set) var judgement: ModelJudgement?

    // Derived when the snapshot is made.
    /// Computes the signals of a user's candidates.
    public let scorer: SignalScorer
    /// Solves for the factors of users whom training did not know, and of known ones with new events.
    public let foldIn: FoldIn
    /// 1 / length of each item's factors.
    public let itemScale: Column<Float>
    /// The items whose factors point most nearly the same way as a direction.
    let cosines: ItemSearch
    /// What is not known of items' taste.
    let uncertainty: ItemUncertainty

    /// Every number is finite: training looks at what it made, and loading at what it reads.
    /// - Throws: ``TrainingError/data(_:)`` when the parts do not fit together, `.numerical` when a number is not finite.
    init(
        version: ModelVersion, created: Timestamp, configuration: ModelConfiguration, history: InteractionHistory,
        factors: Factors, neighbours: ItemNeighbours, regression: ItemRegression, sequences: ItemSequences,
        contentNeighbours: ContentNeighbours, segments: SegmentLifts,
        userSegments: InteractionMatrix, features: ItemFeatures, projection: ContentProjection,
        userPrior: ContentProjection,
        metrics: [String: Double]
    ) throws(TrainingError) {
        let users = history.users.count
        let items = history.items.count
        let d = configuration.als.dimension
        func check(_ isRight: Bool, _ what: String) throws(TrainingError) { if !isRight { throw .data(what) } }
        try check(factors.users.rows == users && factors.users.columns == d, "user factors are not \(users) x \(d)")
        try check(factors.items.rows == items && factors.items.columns == d, "item factors are not \(items) x \(d)")
        try check(history.matrix.rows == users && history.matrix.columns == items, "history is not \(users) x \(items)")
        for (name, matrix) in [
            ("neighbours", neighbours.matrix), ("regression", regression.matrix), ("sequences", sequences.matrix),
            ("content neighbours", contentNeighbours.matrix),
        ] {
            try check(matrix.rows == items && matrix.columns == items, "\(name) are not \(items) x \(items)")
        }
        try check(
            segments.matrix.columns == items && userSegments.rows == users
                && userSegments.columns == segments.matrix.rows, "segments do not fit users and items")
        try check(features.matrix.rows == items, "features are not of \(items) items")
        try check(
            projection.matrix.rows == features.matrix.columns && projection.matrix.columns == d,
            "the projection is not \(features.matrix.columns) x \(d)")
        try check(
            userPrior.matrix.rows == segments.matrix.rows && userPrior.matrix.columns == d,
            "the prior of users is not \(segments.matrix.rows) x \(d)")
        guard
            let foldIn = FoldIn(
                items: factors.items, exposure: configuration.als.usesExposure ? history.itemExposure : nil,
                configuration: configuration.als)
        else { throw .numerical("factors are not finite") }
        (self.version, self.created, self.configuration, self.history) = (version, created, configuration, history)
        (self.factors, self.neighbours, self.contentNeighbours) = (factors, neighbours, contentNeighbours)
        (self.regression, self.sequences) = (regression, sequences)
        (self.segments, self.userSegments, self.features) = (segments, userSegments, features)
        (self.projection, self.userPrior) = (projection, userPrior)
        (self.metrics, self.foldIn) = (metrics, foldIn)
        itemScale = factors.items.inverseNorms()
        uncertainty = ItemUncertainty(factors, configuration.als)
        scorer = SignalScorer(
            factors: factors.items, neighbours: neighbours, regression: regression, sequences: sequences,
            contentNeighbours: contentNeighbours, features: features, segments: segments, history: history)
        cosines = ItemSearch(factors.items, isNew: scorer.isNew, weights: itemScale)
    }

    /// `base` with longer tables of items, whose parts ``adding(_:)`` made to fit.
    /// - Throws: ``TrainingError/numerical(_:)`` when the fold-in cannot be prepared.
    init(
        growing base: ModelSnapshot, history: InteractionHistory, itemFactors: DenseMatrix, itemScale: Column<Float>,
        neighbours: ItemNeighbours, contentNeighbours: ContentNeighbours, segments: SegmentLifts,
        features: ItemFeatures
    ) throws(TrainingError) {
        guard
            let foldIn = FoldIn(
                items: itemFactors, exposure: base.configuration.als.usesExposure ? history.itemExposure : nil,
                configuration: base.configuration.als)
        else { throw .numerical("the factors of added items are not finite") }
        (version, created, configuration) = (base.version, base.created, base.configuration)
        (userSegments, projection, metrics) = (base.userSegments, base.projection, base.metrics)
        (userPrior, uncertainty, judgement) = (base.userPrior, base.uncertainty, base.judgement)
        factors = Factors(users: base.factors.users, items: itemFactors)
        (self.history, self.neighbours, self.contentNeighbours) = (history, neighbours, contentNeighbours)
        // Rows of items that nobody took yet are empty.
        regression = ItemRegression(matrix: base.regression.matrix.growing(to: history.items.count))
        sequences = ItemSequences(matrix: base.sequences.matrix.growing(to: history.items.count))
        (self.segments, self.features, self.foldIn, self.itemScale) = (segments, features, foldIn, itemScale)
        scorer = SignalScorer(
            factors: itemFactors, neighbours: neighbours, regression: regression, sequences: sequences,
            contentNeighbours: contentNeighbours, features: features, segments: segments, history: history,
            sharing: base.scorer)
        cosines = ItemSearch(itemFactors, isNew: scorer.isNew, weights: itemScale, sharing: base.cosines)
    }
}
