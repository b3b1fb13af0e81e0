// The ports that events pass through: session windows, the event log and its feed, impressions.

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
    func append(_ interactions: [Interaction]) async throws(StorageError)
}

/// Events in the order of the log, with the token that acknowledges them.
public struct InteractionBatch: Sendable, Equatable {
    public let interactions: [Interaction]
    /// Offset after the last event of the batch; only the feed that gave it understands it.
    public let nextOffset: Int64
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

/// What was shown to whom, by which policy, with which probability: what offline judgement of policies needs.
public struct Impression: Sendable, Hashable {
    public let recommendation: String
    public let user: UserID?
    public let modelVersion: ModelVersion
    /// As ``ComposedPolicy/init(_:)`` reads it.
    public let policy: String
    public let mode: String
    public let timestamp: Timestamp
    /// Of the slate: with policy and candidates it gives the same slate again.
    public let seed: UInt64
    /// From the first place of the slate on, also where only a later page of it was asked for.
    public let items: [ItemID]
    /// ln of the probability of each place's item given the places before it; 0 for a deterministic policy. As many as items.
    public let logPropensities: [Double]
    /// Places before the first that was shown.
    public let offset: Int
    /// Places that were asked for, the offset included.
    public let length: Int
    /// ``SlateCandidates/hash`` of what the policy chose from; 0 = not kept.
    public let candidateHash: UInt64
    /// What the policy chose from; `nil` = not kept, as for policies that leave nothing to chance.
    public let candidates: SlateCandidates?

    public init(
        recommendation: String, user: UserID?, modelVersion: ModelVersion, policy: String, mode: String,
        timestamp: Timestamp, seed: UInt64, items: [ItemID], logPropensities: [Double], offset: Int = 0,
        length: Int? = nil, candidateHash: UInt64? = nil, candidates: SlateCandidates? = nil
    ) {
        (self.recommendation, self.user, self.modelVersion) = (recommendation, user, modelVersion)
        (self.policy, self.mode, self.timestamp, self.seed) = (policy, mode, timestamp, seed)
        (self.items, self.logPropensities, self.offset) = (items, logPropensities, offset)
        self.length = length ?? items.count
        self.candidateHash = candidateHash ?? candidates?.hash ?? 0
        self.candidates = candidates
    }
}

/// An event that names the answer in which its item was seen.
public struct Outcome: Sendable, Hashable {
    public let recommendation: String
    public let item: ItemID
    public let kind: InteractionKind
    public let timestamp: Timestamp
    public let weight: Float
    /// The event's id, or what stands for it.
    public let event: EventID

    /// `nil` for an interaction that names no answer.
    public init?(_ interaction: Interaction) {
        guard let recommendation = interaction.recommendation else { return nil }
        (self.recommendation, item, kind) = (recommendation, interaction.item, interaction.kind)
        (timestamp, weight) = (interaction.timestamp, interaction.weight)
        event =
            interaction.event
            ?? EventID(
                "\(interaction.kind) \(interaction.timestamp.milliseconds) \(interaction.item.rawValue.prefix(60))")
    }

    public init(
        recommendation: String, item: ItemID, kind: InteractionKind, timestamp: Timestamp, weight: Float, event: EventID
    ) {
        (self.recommendation, self.item, self.kind) = (recommendation, item, kind)
        (self.timestamp, self.weight, self.event) = (timestamp, weight, event)
    }
}

/// Keeps impressions, idempotent by recommendation id, and what became of them.
public protocol ImpressionLog: Sendable {
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
