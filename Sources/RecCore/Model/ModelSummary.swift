// One line of the list of published models.

/// What a model store tells of a version without loading it.
public struct ModelSummary: Sendable, Hashable {
    /// The name it was published under.
    public let version: ModelVersion
    /// When it was trained.
    public let created: Timestamp
    /// Whether it is the store's current version, which servers take up.
    public let isCurrent: Bool
    /// What its manifest tells; `nil` where that is not at hand, such as on another machine.
    public let details: ModelDetails?
    /// - Parameters:
    ///   - version: the published name.
    ///   - created: when it was trained.
    ///   - isCurrent: whether servers take it up.
    ///   - details: `nil` = not at hand.
    public init(version: ModelVersion, created: Timestamp, isCurrent: Bool, details: ModelDetails? = nil) {
        (self.version, self.created, self.isCurrent, self.details) = (version, created, isCurrent, details)
    }
}

/// What a version was made of, and how good it was found.
public struct ModelDetails: Sendable, Hashable {
    /// Factors.
    public let dimension: Int
    /// Events that it was trained on.
    public let events: Int
    /// Users that it has factors for.
    public let users: Int
    /// Items that it knows, those without events included.
    public let items: Int
    /// The last event that it knows.
    public let last: Timestamp
    /// Figures by name, as ``ModelSnapshot/metrics``.
    public let metrics: [String: Double]
    /// How a model of the same settings did on days it had not seen; `nil` = it was not judged.
    public let judgement: ModelJudgement?

    /// What a loaded model tells of itself.
    public init(_ snapshot: ModelSnapshot) {
        dimension = snapshot.configuration.als.dimension
        (events, users, last) = (snapshot.history.eventCount, snapshot.history.users.count, snapshot.history.lastTime)
        (items, metrics, judgement) = (snapshot.history.items.count, snapshot.metrics, snapshot.judgement)
    }

    init(_ manifest: ModelManifest) {
        dimension = manifest.parameters.dimension
        (events, users, items) = (manifest.data.events, manifest.data.users, manifest.data.items)
        last = Timestamp(milliseconds: manifest.data.lastMilliseconds)
        (metrics, judgement) = (manifest.metrics, manifest.judgement?.judgement)
    }
}
