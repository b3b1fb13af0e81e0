// One line of the list of published models.

/// What a model store tells of a version without loading it.
public struct ModelSummary: Sendable, Hashable {
    public let version: ModelVersion
    public let created: Timestamp
    public let isCurrent: Bool
    public init(version: ModelVersion, created: Timestamp, isCurrent: Bool) {
        (self.version, self.created, self.isCurrent) = (version, created, isCurrent)
    }
}
