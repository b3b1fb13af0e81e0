// One line of the list of published models.

/// What a model store tells of a version without loading it.
public struct ModelSummary: Sendable, Hashable {
    public let version: ModelVersion
    public let created: Timestamp
    public let isCurrent: Bool
    /// What its manifest tells; `nil` where that is not at hand, such as on another machine.
    public let details: ModelDetails?
    public init(version: ModelVersion, created: Timestamp, isCurrent: Bool, details: ModelDetails? = nil) {
        (self.version, self.created, self.isCurrent, self.details) = (version, created, isCurrent, details)
    }
}

/// What a version was made of, and how good it was found.
public struct ModelDetails: Sendable, Hashable {
    /// Factors.
    public let dimension: Int
    public let events: Int
    public let users: Int
    public let items: Int
    /// The last event that it knows.
    public let last: Timestamp
    /// Figures by name, as ``ModelSnapshot/metrics``.
    public let metrics: [String: Double]
    public let judgement: ModelJudgement?

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
