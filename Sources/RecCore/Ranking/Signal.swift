// What is known of a (user, item) pair, as numbers: the signals that ranking weighs.

/// A family of signals, as answers and explanations name it.
public enum Channel: Int, Sendable, CaseIterable {
    /// What sells.
    case popular
    /// What sells to people with the user's attributes.
    case segment
    /// What the user took before.
    case ownHistory
    /// What those took who took the items of the past: neighbours, walks and sequences.
    case boughtTogether
    /// The factors of user and item.
    case taste
    /// Attributes like those of the past's items.
    case content
    /// What is known of an item without events.
    case newItem
    /// What the request itself asked to raise or lower; no signal belongs to it.
    case boost

    /// The word used in answers and reports.
    public var name: String {
        switch self {
        case .popular: "popular"
        case .segment: "segment"
        case .ownHistory: "own_history"
        case .boughtTogether: "bought_together"
        case .taste: "taste"
        case .content: "content"
        case .newItem: "new_item"
        case .boost: "boost"
        }
    }
}

/// One number about a pair. Signals of a user without a past, and of items without events, are 0 unless they are about these.
///
/// Neighbourhood sums enter as square roots, so that one strong neighbour does not drown many weak ones; these and taste are
/// divided by their standard deviation over the items with events, so that long and short histories speak alike.
public enum Signal: Int, Sendable, CaseIterable {
    /// ln(share of buyers), old ones halved every 1, 3, 7, 30 days; ln(share of events).
    case popularDay, popularDays, popularWeek, popularMonth, popularEver
    /// ln(how much more often people with the user's attributes take the item), summed over attributes.
    case segment
    /// The user took the item: 1; ln(1 + events); ln(1 + freshness) in three measures; ``InteractionHistory/itemRepeatRate``.
    case own, ownCount, ownSlow, ownFast, ownMonth, ownRepeat
    /// Linear graph filter: walk_ij / sqrt(n_i n_j).
    case graph
    /// Random walk: walk_ij / (n_i n_j^0.3), and undamped: walk_ij / n_i.
    case walk, plainWalk
    /// The undamped walk without the square root.
    case walkSum
    /// What the items of the past say in a regression on all items, and what is taken after the latest of them.
    case regression, sequence
    /// Cosine neighbours of the past, weighted by freshness (0.6 and 0.9 per day of shopping) or alike.
    case similarFast, similarSlow, similar
    /// Inner product of factors.
    case taste
    /// Cosine of the item's attributes with those of the past, and its fourth power.
    case content, contentSharp
    /// Sum of the squared cosine with the items of the past, over the item's nearest items by attributes.
    case contentNeighbours
    /// The same with the fourth power.
    case contentTwins
    /// The same for items without events, and what their nearest items sell; 1 for such items.
    case newTaste, newContent, newContentNeighbours, newContentTwins, newPopular, isNew

    /// How many there are: the width of a table of signals.
    public static let count = Signal.allCases.count

    /// The family that answers and explanations name it by.
    public var channel: Channel {
        switch self {
        case .popularDay, .popularDays, .popularWeek, .popularMonth, .popularEver: .popular
        case .segment: .segment
        case .own, .ownCount, .ownSlow, .ownFast, .ownMonth, .ownRepeat: .ownHistory
        case .graph, .walk, .plainWalk, .walkSum, .regression, .sequence,
            .similarFast, .similarSlow, .similar:
            .boughtTogether
        case .taste: .taste
        case .content, .contentSharp, .contentNeighbours, .contentTwins: .content
        case .newTaste, .newContent, .newContentNeighbours, .newContentTwins, .newPopular, .isNew: .newItem
        }
    }

    /// The name in manifests, as `popular_week`.
    public var name: String {
        "\(self)".reduce(into: "") { name, letter in
            if letter.isUppercase { name += "_" }
            name += letter.lowercased()
        }
    }
}

/// Weights of all signals: the score of an item is their weighted sum.
public struct SignalWeights: Sendable, Hashable {
    /// In the order of ``Signal``.
    public var base: [Double]
    /// Added to `base`, times how active the user is (``activity(items:)``).
    public var slope: [Double]
    /// Mean and spread of ln(1 + items of the past) among the users the weights were fitted on.
    public var center: Double
    /// The deviation; above 0.
    public var spread: Double

    /// - Parameters:
    ///   - base: one weight a signal, in their order.
    ///   - slope: what a weight gains with each unit of activity.
    ///   - center: mean of ln(1 + items of the past).
    ///   - spread: its deviation.
    /// - Precondition: ``Signal/count`` weights each.
    public init(base: [Double], slope: [Double], center: Double = 2, spread: Double = 1) {
        precondition(base.count == Signal.count && slope.count == Signal.count, "one weight a signal")
        (self.base, self.slope, self.center, self.spread) = (base, slope, center, spread)
    }

    /// Weights where nothing was fitted: own items first, then neighbours and taste, then what sells.
    public static let standard: SignalWeights = {
        var weights = SignalWeights(
            base: Array(repeating: 0, count: Signal.count), slope: Array(repeating: 0, count: Signal.count))
        weights[.popularWeek] = 0.3
        weights[.own] = 1
        weights[.ownFast] = 1
        weights[.graph] = 0.3
        weights[.walk] = 0.3
        weights[.similarSlow] = 0.3
        weights[.taste] = 0.5
        weights[.content] = 0.5
        weights[.newTaste] = 0.3
        weights[.newContent] = 0.5
        weights[.newContentNeighbours] = 0.2
        weights[.newContentTwins] = 0.2
        return weights
    }()

    /// Taste alone.
    public static let tasteOnly: SignalWeights = {
        var weights = SignalWeights(
            base: Array(repeating: 0, count: Signal.count), slope: Array(repeating: 0, count: Signal.count))
        weights[.taste] = 1
        weights[.newTaste] = 1
        return weights
    }()

    /// The base weight of a signal.
    public subscript(signal: Signal) -> Double {
        get { base[signal.rawValue] }
        set { base[signal.rawValue] = newValue }
    }

    /// -2 to 2: how long a past is among those the weights were fitted on.
    public func activity(items: Int) -> Double {
        min(2, max(-2, (logOf(1 + Double(items)) - center) / spread))
    }

    /// The weights of one user.
    func effective(items: Int) -> [Float] {
        let activity = activity(items: items)
        return zip(base, slope).map { Float($0 + activity * $1) }
    }
}
