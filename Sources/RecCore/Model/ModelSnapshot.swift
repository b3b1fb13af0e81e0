// All that a request needs, immutable and versioned.

/// A trained model. Immutable: a request takes it and computes without a lock; two versions can live side by side.
public struct ModelSnapshot: Sendable {
    public let version: ModelVersion
    public let created: Timestamp
    public let configuration: ModelConfiguration
    public let history: InteractionHistory
    public let factors: Factors
    public let neighbours: ItemNeighbours
    public let features: ItemFeatures
    public let projection: ContentProjection
    /// Figures of the validation cut, by name, such as `MAP@12`.
    public let metrics: [String: Double]

    // Derived when the snapshot is made.
    public let scorer: HybridScorer
    public let foldIn: FoldIn
    /// 1 / length of each item's factors.
    public let itemScale: Column<Float>

    /// - Throws: ``TrainingError/data(_:)`` when the parts do not fit together, `.numerical` when a number is not finite.
    public init(
        version: ModelVersion, created: Timestamp, configuration: ModelConfiguration, history: InteractionHistory,
        factors: Factors, neighbours: ItemNeighbours, features: ItemFeatures, projection: ContentProjection,
        metrics: [String: Double]
    ) throws(TrainingError) {
        let users = history.users.count
        let items = history.items.count
        let d = configuration.als.dimension
        func check(_ isRight: Bool, _ what: String) throws(TrainingError) { if !isRight { throw .data(what) } }
        try check(factors.users.rows == users && factors.users.columns == d, "user factors are not \(users) x \(d)")
        try check(factors.items.rows == items && factors.items.columns == d, "item factors are not \(items) x \(d)")
        try check(history.matrix.rows == users && history.matrix.columns == items, "history is not \(users) x \(items)")
        try check(
            neighbours.matrix.rows == items && neighbours.matrix.columns == items,
            "neighbours are not \(items) x \(items)")
        try check(features.matrix.rows == items, "features are not of \(items) items")
        try check(
            projection.matrix.rows == features.matrix.columns && projection.matrix.columns == d,
            "the projection is not \(features.matrix.columns) x \(d)")
        guard factors.users.isFinite, factors.items.isFinite, projection.matrix.isFinite,
            let foldIn = FoldIn(items: factors.items, configuration: configuration.als)
        else { throw .numerical("factors are not finite") }
        (self.version, self.created, self.configuration, self.history) = (version, created, configuration, history)
        (self.factors, self.neighbours, self.features) = (factors, neighbours, features)
        (self.projection, self.metrics, self.foldIn) = (projection, metrics, foldIn)
        itemScale = factors.items.inverseNorms()
        scorer = HybridScorer(items: factors.items, neighbours: neighbours, features: features, history: history)
    }

    /// What training knew of a user row; nothing for a row outside the table.
    public func evidence(ofRow row: Int) -> UserEvidence {
        guard row >= 0, row < history.users.count else { return UserEvidence(factors: nil, past: []) }
        let past = history.past(of: row)
        return UserEvidence(factors: past.isEmpty ? nil : factors.users[row: row], past: past)
    }

    /// What the model knows of a user, with events that came after training.
    ///
    /// A known user without new events has the trained factors. With new events, or for a new user, the factors are the exact
    /// fold-in of all of it.
    /// - Parameter events: the live window, any order; events already in the training history are passed over.
    public func evidence(of user: UserID?, events: [Interaction]) -> UserEvidence {
        let row = user.flatMap { history.users.row(of: $0.rawValue) }
        var past = row.map { history.past(of: $0) } ?? []
        var places: [Int32: Int] = [:]
        for (place, item) in past.enumerated() { places[item.item] = place }
        var isNew = false
        for event in events {
            let weight = configuration.confidence.weight(of: event.kind, at: event.timestamp, now: event.timestamp)
            guard weight > 0, let found = history.items.row(of: event.item.rawValue) else { continue }
            let item = Int32(found)
            let minutes = HistoryBuilder.minutes(of: event.timestamp)
            if let place = places[item] {
                let old = past[place]
                guard minutes > old.lastMinutes else { continue }
                past[place] = PastItem(
                    item: item, confidence: configuration.confidence.confidence(ofSum: Double(old.confidence) + weight),
                    count: old.count + 1, recency: old.recency + 1, lastMinutes: minutes)
            } else {
                places[item] = past.count
                past.append(
                    PastItem(
                        item: item, confidence: configuration.confidence.confidence(ofSum: weight), count: 1,
                        recency: 1,
                        lastMinutes: minutes))
            }
            isNew = true
        }
        guard isNew else {
            return UserEvidence(factors: past.isEmpty ? nil : row.map { factors.users[row: $0] }, past: past)
        }
        past.sort { $0.item < $1.item }
        let folded = foldIn.user(entries: past.map(\.item), confidences: past.map(\.confidence))
        return UserEvidence(factors: folded, past: past)
    }
}
