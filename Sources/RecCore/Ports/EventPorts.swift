// The ports that events pass through: session windows, the event log and its feed, the log of impressions.

/// Each user's last ``SessionState/capacity`` interactions (Redis, SQLite, in memory).
public protocol SessionStore: Sendable {
    /// Adds events, idempotent by event id, in any order; interactions without an event id are passed over.
    /// - Returns: the new window of every user named in `interactions`.
    func record(_ interactions: [Interaction]) async throws(StorageError) -> [UserID: SessionState]
    /// Adds events as ``record(_:)`` does, for a writer that needs no windows back; by default through it.
    func add(_ interactions: [Interaction]) async throws(StorageError)
    /// The windows of `users`; a user without one is absent from the answer.
    func states(of users: [UserID]) async throws(StorageError) -> [UserID: SessionState]
}

extension SessionStore {
    public func add(_ interactions: [Interaction]) async throws(StorageError) { _ = try await record(interactions) }
}

/// The producer's side of the event log (Kafka, SQLite). Returns when the log holds the events durably.
public protocol InteractionLog: Sendable {
    /// Adds events behind all others, in their order; no events change nothing.
    ///
    /// A call that throws may have added them, and may be made again: whoever reads knows an event by its id.
    func append(_ interactions: [Interaction]) async throws(StorageError)
}

/// Events in the order of the log, with the token that acknowledges them.
public struct InteractionBatch: Sendable, Equatable {
    /// One or more, in the order of the log.
    public let interactions: [Interaction]
    /// Offset after the last event of the batch; only the feed that gave it understands it.
    public let nextOffset: Int64
    /// - Parameters:
    ///   - interactions: in the order of the log.
    ///   - nextOffset: what acknowledges them.
    public init(interactions: [Interaction], nextOffset: Int64) {
        (self.interactions, self.nextOffset) = (interactions, nextOffset)
    }
}

/// The consumer's side of the event log: at least once. A batch that was not acknowledged comes again after a restart.
public protocol InteractionFeed: Sendable {
    /// The next events, waiting up to `within` for the first; `nil` when none came.
    func nextBatch(atMost count: Int, within: Duration) async throws(StorageError) -> InteractionBatch?
    /// Commits: after a restart the feed goes on behind this batch. Acknowledging an older batch changes nothing.
    func acknowledge(_ batch: InteractionBatch) async throws(StorageError)
}

/// A feed whose consumer may leave out what the log holds already.
public protocol SkippingFeed: InteractionFeed {
    /// Commits the end of the log: the next batch holds what is appended from now on.
    func skipToEnd() async throws(StorageError)
}

/// Keeps impressions, idempotent by recommendation id, and what became of them.
public protocol ImpressionLog: Sendable {
    /// Adds impressions behind all others; one whose recommendation id is held changes nothing.
    func append(_ impressions: [Impression]) async throws(StorageError)
    /// Impressions in the order they were appended, behind `offset` (0 = from the start), at most `limit`.
    func page(after offset: Int64, limit: Int) async throws(StorageError) -> (
        impressions: [Impression], nextOffset: Int64
    )
    /// Notes what became of answers, known or not yet known, idempotent by answer and event id.
    func append(outcomes: [Outcome]) async throws(StorageError)
    /// What became of some answers, in order of time and event id; one of which nothing is known is absent.
    func outcomes(of recommendations: [String]) async throws(StorageError) -> [String: [Outcome]]
}
