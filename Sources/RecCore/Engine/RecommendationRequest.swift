// What a caller asks of the engine, and what it answers.

/// How the engine is to look for items.
public enum RecommendationMode: String, Sendable, CaseIterable {
    /// The engine chooses from what it knows.
    case auto
    /// Nothing is known of the user: what sells now.
    case coldStart = "cold_start"
    /// Items like the given ones (alternatives).
    case similarity
    /// Items that go with the given ones (a basket): complements, never the given ones.
    case crossSell = "cross_sell"
    /// The session leads: what the user did last decides.
    case recency
}

/// One request. Times and ids come from outside, so that an answer can be made again.
public struct RecommendationRequest: Sendable {
    public var user: UserID?
    public var mode: RecommendationMode
    /// Context: the item looked at, or the basket.
    public var items: [ItemID]
    /// Events that no store has yet, for anonymous visitors.
    public var recentEvents: [Interaction]
    public var excluding: Set<ItemID>
    /// Whether items of the user's past may come again; `nil` = as the model was trained.
    public var allowSeen: Bool?
    /// Whether each item is to say what its score is made of.
    public var explain = false
    /// 1 to ``maximumLimit``.
    public var limit: Int
    public static let maximumLimit = 200

    public init(
        user: UserID? = nil, mode: RecommendationMode = .auto, items: [ItemID] = [], recentEvents: [Interaction] = [],
        excluding: Set<ItemID> = [], allowSeen: Bool? = nil, limit: Int = 12
    ) {
        (self.user, self.mode, self.items, self.recentEvents) = (user, mode, items, recentEvents)
        (self.excluding, self.allowSeen, self.limit) = (excluding, allowSeen, limit)
    }
}

/// What the score of a place is made of, told twice: by channel, and by item of the past. Each sums to the score.
public struct ItemExplanation: Sendable, Hashable {
    /// Channel name to what it adds.
    public let channels: [String: Double]
    /// Items of the user's past with what each adds, largest first.
    public let past: [Amount]
    /// What sales, attributes and newness add, less what the mean candidate has.
    public let withoutPast: Double

    /// What one item of the past adds.
    public struct Amount: Sendable, Hashable {
        public let item: ItemID
        public let value: Double
    }
}

/// One place of a list.
public struct RecommendedItem: Sendable, Hashable {
    public let item: ItemID
    public let score: Double
    /// 1 = first.
    public let rank: Int
    /// Probability of this item given the places before it; 1 for a deterministic policy.
    public let propensity: Double
    /// The channel that gave most: `popular`, `segment`, `own_history`, `bought_together`, `taste`, `content`, `new_item`; `similar`.
    public let reason: String
    /// Only when asked for, and where the mode ranks by signals.
    public let explanation: ItemExplanation?
    public init(
        item: ItemID, score: Double, rank: Int, propensity: Double, reason: String,
        explanation: ItemExplanation? = nil
    ) {
        (self.item, self.score, self.rank, self.propensity, self.reason) = (item, score, rank, propensity, reason)
        self.explanation = explanation
    }
}

/// The answer to one request.
public struct Recommendations: Sendable {
    public let id: String
    public let modelVersion: ModelVersion
    /// Never `.auto`.
    public let mode: RecommendationMode
    public let policy: String
    public let items: [RecommendedItem]
    /// True when the mode asked for had nothing to go on and popular items were given.
    public let isFallback: Bool
    /// Context items that the model does not know.
    public let unknownItems: [ItemID]
    /// Dependencies that did not answer, such as `sessions`.
    public let degraded: [String]
    public init(
        id: String, modelVersion: ModelVersion, mode: RecommendationMode, policy: String, items: [RecommendedItem],
        isFallback: Bool, unknownItems: [ItemID], degraded: [String]
    ) {
        (self.id, self.modelVersion, self.mode, self.policy) = (id, modelVersion, mode, policy)
        (self.items, self.isFallback, self.unknownItems, self.degraded) = (items, isFallback, unknownItems, degraded)
    }
}

/// Why there is no answer.
public enum RecommendationError: Error, Sendable, Hashable {
    /// Nothing was published yet.
    case noModel
    /// The request itself is wrong: which field, and what would be right.
    case invalidRequest(field: String, reason: String)
}
