// All that a request needs, immutable and versioned.

public struct ModelSnapshot: Sendable {
    public let version: ModelVersion
    public let created: Timestamp
}
