// All interactions of a training set: id tables and, for each user, items with confidence, count and last time.

/// History in compressed rows, as training, own-history ranking and explanations need it.
public struct InteractionHistory: Sendable {
    public let users: IDMap
    public let items: IDMap
    /// users x items, confidence.
    public let matrix: InteractionMatrix
    /// Events of each entry of `matrix`.
    public let counts: Column<Float>
    /// Last event of each entry, minutes since 1970.
    public let lastMinutes: Column<Int32>
    /// Sum over the events of each entry of ``basketDecay`` to the power of the user's shopping days since.
    public let recency: Column<Float>
    /// First and last event.
    public let firstTime: Timestamp
    public let lastTime: Timestamp
    public let eventCount: Int
    /// Events of each item, and the same with old events halved every `popularityHalfLifeDays`.
    public let itemEvents: Column<Float>
    public let itemRecentEvents: Column<Float>
    public let itemSeasonEvents: Column<Float>

    /// Half-lives of `itemRecentEvents` and `itemSeasonEvents`.
    public static let popularityHalfLifeDays = 2.0
    public static let seasonHalfLifeDays = 21.0
    public static let basketDecay = 0.9

    /// The items of one user, as ranking needs them, in order of item row.
    public func past(of user: Int) -> [PastItem] {
        matrix.range(of: user).map {
            PastItem(
                item: matrix.indices[$0], confidence: matrix.values[$0], count: counts[$0], recency: recency[$0],
                lastMinutes: lastMinutes[$0])
        }
    }
}

/// One item of a user's past.
public struct PastItem: Sendable, Hashable {
    public let item: Int32
    public let confidence: Float
    /// Events.
    public let count: Float
    /// See ``InteractionHistory/recency``.
    public let recency: Float
    public let lastMinutes: Int32
    public init(item: Int32, confidence: Float, count: Float, recency: Float, lastMinutes: Int32) {
        (self.item, self.confidence, self.count) = (item, confidence, count)
        (self.recency, self.lastMinutes) = (recency, lastMinutes)
    }
}
