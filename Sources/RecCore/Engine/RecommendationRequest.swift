// What a caller asks of the engine.

/// How the engine is to look for items.
public enum RecommendationMode: String, Sendable, CaseIterable {
    /// The engine chooses from what it knows.
    case auto
    /// Nothing is known of the user but attributes: what sells now.
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
    /// Whom the list is for; `nil` = nobody who has a past.
    public var user: UserID?
    /// A visit that has a window of its own: that of a visitor without a name, or one to be read beside the user's.
    public var session: UserID?
    /// How to look for items.
    public var mode: RecommendationMode
    /// Context: the item looked at, or the basket.
    public var items: [ItemID]
    /// Events that no store has yet, for anonymous visitors.
    public var recentEvents: [Interaction]
    /// What the shop knows of the user, by the names of the customers' file; `nil` = as the directory of users says.
    public var attributes: [String: String]?
    /// Items that may not come.
    public var excluding: Set<ItemID>
    /// Whether items of the user's past may come again; `nil` = as the model was trained.
    public var allowSeen: Bool?
    /// The only items that may come; `nil` = all.
    public var filter: ItemFilter?
    /// What is raised or lowered; amounts of several that an item passes add up.
    public var boosts: [ItemBoost] = []
    /// The version that must answer; `nil` = the current one, or that of the user's variant.
    public var model: ModelVersion?
    /// How the list is drawn from the scores; `nil` = as the user's variant or the server says.
    public var policy: PolicyChoice?
    /// The caller's name of the request: the same name, model and ``seed`` give the same list by a stochastic policy, so that a request can
    /// be repeated and later pages fit the first; `nil` = the answer's id, of which there is only one.
    public var requestID: String?
    /// Changes the luck of a stochastic policy.
    public var seed: UInt64 = 0
    /// Whether each item is to say what its score is made of.
    public var explain = false
    /// Places to leave out at the front of the list, such as those of the pages before.
    public var offset = 0
    /// 1 to ``maximumLimit``, ``offset`` included.
    public var limit: Int
    /// The most places that one list may have.
    public static let maximumLimit = Impression.maximumLength

    /// A request without boosts, policy and paging, which may be set afterwards. See the properties for what each
    /// part means.
    public init(
        user: UserID? = nil, mode: RecommendationMode = .auto, items: [ItemID] = [], recentEvents: [Interaction] = [],
        excluding: Set<ItemID> = [], allowSeen: Bool? = nil, filter: ItemFilter? = nil, limit: Int = 12
    ) {
        (self.user, self.mode, self.items, self.recentEvents) = (user, mode, items, recentEvents)
        (self.excluding, self.allowSeen, self.filter, self.limit) = (excluding, allowSeen, filter, limit)
    }
}

/// A request with the name of its answer, which events may refer to.
public struct NamedRequest: Sendable {
    /// The answer's name.
    public let id: String
    /// What is asked.
    public let request: RecommendationRequest
    /// - Parameters:
    ///   - id: the answer's name.
    ///   - request: what is asked.
    public init(id: String, _ request: RecommendationRequest) { (self.id, self.request) = (id, request) }
}
