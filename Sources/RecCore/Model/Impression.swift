// What was shown by a model, and what became of it.

/// What was shown to whom, by which policy, with which probability: what offline judgement of policies needs.
public struct Impression: Sendable, Hashable {
    /// Places of a list, at most.
    public static let maximumLength = 200

    /// The name of the answer; events refer to it.
    public let recommendation: String
    /// Who was asked for, or the session where no user was named; `nil` = nobody.
    public let user: UserID?
    /// The model that answered.
    public let modelVersion: ModelVersion
    /// As ``ComposedPolicy/init(_:)`` reads it.
    public let policy: String
    /// Raw value of the mode that the answer resolved to.
    public let mode: String
    /// The moment of the request.
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

    /// - Parameters:
    ///   - recommendation: the answer's name.
    ///   - user: user or session; `nil` = nobody.
    ///   - modelVersion: the model that answered.
    ///   - policy: as ``ComposedPolicy/init(_:)`` reads it.
    ///   - mode: that the answer resolved to.
    ///   - timestamp: the moment of the request.
    ///   - seed: of the slate.
    ///   - items: from the first place of the slate on.
    ///   - logPropensities: one an item.
    ///   - offset: places before the first that was shown.
    ///   - length: places that were asked for, the offset included; `nil` = as many as `items`.
    ///   - candidateHash: `nil` = that of `candidates`.
    ///   - candidates: `nil` = not kept.
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
    /// The name of the answer.
    public let recommendation: String
    /// The item that the event is about.
    public let item: ItemID
    /// What was done.
    public let kind: InteractionKind
    /// When it was done.
    public let timestamp: Timestamp
    /// As the event's: pieces, stars, seconds.
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

    /// - Parameters:
    ///   - recommendation: the answer's name.
    ///   - item: that the event is about.
    ///   - kind: what was done.
    ///   - timestamp: when.
    ///   - weight: above zero.
    ///   - event: what the outcome is known by beside the answer's name.
    public init(
        recommendation: String, item: ItemID, kind: InteractionKind, timestamp: Timestamp, weight: Float, event: EventID
    ) {
        (self.recommendation, self.item, self.kind) = (recommendation, item, kind)
        (self.timestamp, self.weight, self.event) = (timestamp, weight, event)
    }
}
