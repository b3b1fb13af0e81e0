// What the engine answers.

/// What the score of a place is made of, told twice: by channel, and by item of the past. Each sums to the score.
public struct ItemExplanation: Sendable, Hashable {
    /// Channel name to what it adds.
    public let channels: [String: Double]
    /// Items of the user's past with what each adds, largest first.
    public let past: [Amount]
    /// What sales, attributes, newness and boosts add, less what the mean candidate has.
    public let withoutPast: Double

    /// What one item of the past adds.
    public struct Amount: Sendable, Hashable {
        /// An item of the past.
        public let item: ItemID
        /// What it adds to the score; below 0 where it speaks against the place.
        public let value: Double
    }
}

/// One place of a list.
public struct RecommendedItem: Sendable, Hashable {
    /// What is recommended.
    public let item: ItemID
    /// What the list is ordered by, before the policy. Scores of two answers are not to be compared.
    public let score: Double
    /// 1 = first.
    public let rank: Int
    /// ln of the probability of this item given the places before it; 0 for a deterministic policy.
    public let logPropensity: Double
    /// The same probability; 1 for a deterministic policy.
    public var propensity: Double { PortableMath.exp(logPropensity) }
    /// The channel that gave most: `popular`, `segment`, `own_history`, `bought_together`, `taste`, `content`, `new_item`, `boost`;
    /// `similar`.
    public let reason: String
    /// Only when asked for, and where the mode ranks by signals.
    public let explanation: ItemExplanation?
    /// - Parameters:
    ///   - item: what is recommended.
    ///   - score: what lists are ordered by.
    ///   - rank: 1 = first.
    ///   - logPropensity: 0 or below; 0 = certain.
    ///   - reason: the channel that gave most.
    ///   - explanation: `nil` = not asked for.
    public init(
        item: ItemID, score: Double, rank: Int, logPropensity: Double = 0, reason: String,
        explanation: ItemExplanation? = nil
    ) {
        (self.item, self.score, self.rank, self.reason) = (item, score, rank, reason)
        self.logPropensity = logPropensity
        self.explanation = explanation
    }
}

/// What the answer knew of the user's last events.
public struct WindowState: Sendable, Hashable {
    /// How many events: at most ``SessionState/capacity`` of the user, and as many of the session.
    public let events: Int
    /// The latest of them.
    public let newest: Timestamp?
    /// - Parameters:
    ///   - events: how many.
    ///   - newest: the latest of them; `nil` = none.
    public init(events: Int, newest: Timestamp?) { (self.events, self.newest) = (events, newest) }
}

/// The answer to one request.
public struct Recommendations: Sendable {
    /// The name of the answer, which events may refer to.
    public let id: String
    /// The version that answered.
    public let modelVersion: ModelVersion
    /// Never `.auto`.
    public let mode: RecommendationMode
    /// The policy that drew the list, as ``ComposedPolicy/init(_:)`` reads it.
    public let policy: String
    /// Of the slate; `nil` for a policy that leaves nothing to chance.
    public let seed: UInt64?
    /// The variant of the running experiment that answered; `nil` = none runs, or nobody is named.
    public let variant: String?
    /// First place first, from the request's offset on; fewer than asked for only when fewer may come.
    public let items: [RecommendedItem]
    /// True when the mode asked for had nothing to go on and popular items were given.
    public let isFallback: Bool
    /// Context items that the model does not know.
    public let unknownItems: [ItemID]
    /// `nil` = nobody was named, or the windows could not be read.
    public let window: WindowState?
    /// Dependencies that did not answer, such as `sessions`.
    public let degraded: [String]
    /// An answer from its parts: for servers and tests that make one themselves.
    public init(
        id: String, modelVersion: ModelVersion, mode: RecommendationMode, policy: String, seed: UInt64? = nil,
        variant: String? = nil, items: [RecommendedItem], isFallback: Bool, unknownItems: [ItemID],
        window: WindowState? = nil,
        degraded: [String]
    ) {
        (self.id, self.modelVersion, self.mode, self.policy) = (id, modelVersion, mode, policy)
        (self.seed, self.variant, self.window) = (seed, variant, window)
        (self.items, self.isFallback, self.unknownItems, self.degraded) = (items, isFallback, unknownItems, degraded)
    }
}

/// Why there is no answer.
public enum RecommendationError: Error, Sendable, Hashable {
    /// Nothing was published yet.
    case noModel
    /// A request asks for a version that is not in service; these are.
    case notInService(ModelVersion, serving: [ModelVersion])
    /// More requests wait for a processor than can be answered soon.
    case overloaded
    /// The request itself is wrong: which field, and what would be right.
    case invalidRequest(field: String, reason: String)
}
