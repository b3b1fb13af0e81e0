// All interactions of a training set: id tables and, for each user, items with confidence, count and last time.

/// History in compressed rows, as training, own-history ranking and explanations need it.
public struct InteractionHistory: Sendable {
    /// User rows by name.
    public let users: IDMap
    /// Item rows by name; items without events of which the catalogue knows have rows too.
    public let items: IDMap
    /// users x items, confidence.
    public let matrix: InteractionMatrix
    /// Events of each entry of `matrix`.
    public let counts: Column<Float>
    /// Last event of each entry, minutes since 1970.
    public let lastMinutes: Column<Int32>
    /// How fresh each entry is: see ``Freshness``.
    public let freshness: EntryFreshness
    /// First and last event.
    public let firstTime: Timestamp
    /// The last event.
    public let lastTime: Timestamp
    /// Events that the history was built from.
    public let eventCount: Int
    /// Events of each item.
    public let itemEvents: Column<Float>
    /// ``popularityHalfLives`` x items: users who took each item, by the age of their last event with it, halved every so many
    /// days. One buyer of fifty pieces is one buyer.
    public let itemDecayedEvents: Column<Float>
    /// ln of how much more often than usual the item is taken on another day by a user who took it, shrunk to 0.
    public let itemRepeatRate: Column<Float>
    /// Share of the events that came when the item was already there: 1 for an item of the first event, 0 for one without
    /// events.
    public let itemExposure: Column<Float>
    /// Items that neither the events taken nor the catalogue know: they have a row only because later events name them, and
    /// may not be recommended. Empty when all events were taken.
    public let unknownItems: Set<Int32>

    /// Days after which an event counts half, for each row of `itemDecayedEvents`.
    public static let popularityHalfLives: [Double] = [1, 3, 7, 30]

    /// Events of each item, old ones decayed by one of the half-lives.
    public func decayedEvents(_ halfLife: Int) -> [Float] {
        Array(itemDecayedEvents[(halfLife * items.count)..<((halfLife + 1) * items.count)])
    }

    /// Users who took each item.
    var itemUsers: [Float] {
        var counts = [Float](repeating: 0, count: items.count)
        for item in matrix.indices { counts[Int(item)] += 1 }
        return counts
    }

    /// The items of one user, as ranking needs them, in order of item row.
    public func past(of user: Int) -> [PastItem] {
        matrix.range(of: user).map {
            PastItem(
                item: matrix.indices[$0], confidence: matrix.values[$0], count: counts[$0],
                freshness: Freshness(
                    slow: freshness.slow[$0], fast: freshness.fast[$0], month: freshness.month[$0]),
                lastMinutes: lastMinutes[$0])
        }
    }
}

/// How fresh a user's events with an item are, summed over the events.
public struct Freshness: Sendable, Hashable {
    /// Sum of 0.9 to the power of the user's days of shopping since.
    public var slow: Float
    /// The same with 0.6.
    public var fast: Float
    /// Sum of 2 to the power of -(days since) / 30, seen from the end of the history.
    public var month: Float
    /// One event, now.
    public static let now = Freshness(slow: 1, fast: 1, month: 1)
    static let slowDecay = 0.9
    static let fastDecay = 0.6
    static let monthHalfLife = 30.0

    /// Sums over events.
    public init(slow: Float, fast: Float, month: Float) { (self.slow, self.fast, self.month) = (slow, fast, month) }

    static func + (a: Freshness, b: Freshness) -> Freshness {
        Freshness(slow: a.slow + b.slow, fast: a.fast + b.fast, month: a.month + b.month)
    }

    /// The same events after `days` more days of shopping.
    func aged(by days: Int) -> Freshness {
        Freshness(
            slow: slow * Float(powOf(Self.slowDecay, Double(days))),
            fast: fast * Float(powOf(Self.fastDecay, Double(days))), month: month)
    }
}

/// ``Freshness`` of every entry of a matrix.
public struct EntryFreshness: Sendable {
    /// ``Freshness/slow`` of each entry.
    public let slow: Column<Float>
    /// ``Freshness/fast`` of each entry.
    public let fast: Column<Float>
    /// ``Freshness/month`` of each entry.
    public let month: Column<Float>
    /// Three columns of the same length.
    public init(slow: Column<Float>, fast: Column<Float>, month: Column<Float>) {
        (self.slow, self.fast, self.month) = (slow, fast, month)
    }
}

/// One item of a user's past.
public struct PastItem: Sendable, Hashable {
    /// Row of the item.
    public let item: Int32
    /// Confidence of the pair, as ``ConfidenceModel`` gives it.
    public let confidence: Float
    /// Events.
    public let count: Float
    /// How fresh the events are.
    public let freshness: Freshness
    /// The last of the events, minutes since 1970.
    public let lastMinutes: Int32
    /// One entry of a history, or one item of a visit.
    public init(item: Int32, confidence: Float, count: Float, freshness: Freshness, lastMinutes: Int32) {
        (self.item, self.confidence, self.count) = (item, confidence, count)
        (self.freshness, self.lastMinutes) = (freshness, lastMinutes)
    }
}
