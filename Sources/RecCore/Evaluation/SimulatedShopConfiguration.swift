// The numbers of a made-up shop on which policies are run.

/// How a simulated shop and its shoppers are. Utilities are in logits: 1 more is e times the odds of a click.
///
/// The numbers are chosen to be plausible, and neither for nor against exploring: an item's quality is hidden from the
/// attributes and the same for all ages, new items get no bonus but their youth, and search finds them without any policy.
/// What has no source is an assumption and says so; a result that hangs on one of them should be shown for other values.
/// Shoppers stand for regulars: they buy on every third or fourth visit, not on one in forty as passers-by do, so that some
/// hundreds of them leave as many events as a model needs.
public struct SimulatedShopConfiguration: Sendable, Hashable {
    /// Of everything that is drawn: the same seed and settings give the same shop and the same visits.
    public var seed: UInt64 = 1

    // MARK: Size

    /// Regulars of the shop.
    public var shoppers = 600
    /// Items on sale in the first week of the warm-up.
    public var items = 400
    /// Items launched at the start of every later week: one in twenty of the catalogue (assumption: a fashion shop that renews
    /// itself two or three times a year).
    public var newItemsPerWeek = 20
    /// Weeks that an item is on sale, drawn evenly: their mean times ``newItemsPerWeek`` is ``items``, so the catalogue neither
    /// grows nor shrinks.
    public var lifeInWeeks = 12...28
    /// Weeks of search and best sellers before a policy is asked: some twelve events a shopper to train on.
    public var warmUpWeeks = 6
    /// Weeks in which a policy is asked.
    public var weeks = 8
    /// Places of each slate.
    public var slateSize = 12

    // MARK: Items

    /// Kinds of items, each a direction of taste.
    public var categories = 16
    /// How far items stand from the centre of their category, against its length of 1: attributes say something of an item,
    /// not all (assumption).
    public var itemSpread = 0.6
    /// Deviation of the quality, which adds to the utility. Normal in logits is log-normal in odds: one item in a hundred has ten
    /// times the odds of the middle one. Sales of fashion, films and books are spread at least as widely (Brynjolfsson, Hu and
    /// Smith, Consumer surplus in the digital economy, Management Science 2003).
    public var qualitySpread = 1.0
    /// Utility lost for each week on sale (assumption: half the odds after five months).
    public var aging = 0.03

    // MARK: Shoppers

    /// Mean visits a week, and the deviation of their logarithm among shoppers: a few come daily, many once a month
    /// (assumption).
    public var visitsPerWeek = 1.5
    /// Deviation of the logarithm of visits a week among shoppers.
    public var activitySpread = 0.7
    /// Utility of an item that points exactly as the taste does. 3 gives affinity the deviation of the quality, so neither what
    /// everybody buys nor taste alone is a good policy.
    public var tasteStrength = 3.0
    /// Cosine of a taste with itself a week later: 0.98 leaves 0.8 of it after a quarter.
    public var tastePersistence = 0.98
    /// Share of the visits that begin with a search: most do, so that a good part of the sales needs no slate (assumption; 40 to 70
    /// % of the sales, by policy).
    public var searchShare = 0.7
    /// Search weighs an item by exp(affinity) and by (this + its sales, 30 % of which are forgotten each week)...
    public var searchFloor = 0.3
    /// ...to this power: what nobody bought is found, but seldom.
    public var searchPower = 0.5

    // MARK: A slate

    /// The shopper looks at place l with probability l to the power of minus this. Joachims, Swaminathan and Schnabel (Unbiased
    /// learning-to-rank with biased feedback, WSDM 2017) take 1 for lists of search results and try 0 to 2; a page of pictures is
    /// flatter (assumption).
    public var positionExponent = 0.7
    /// Utility at which half of those who look click.
    public var clickThreshold = 3.2
    /// Utility counts so much for the purchase after a click...
    public var purchaseSlope = 0.5
    /// ...and with so much of it half of those who clicked buy. With the threshold of clicks: about 7 clicks and 1.5 purchases of
    /// 100 looks at random items.
    public var purchaseThreshold = 1.8
    /// Probability that a visit goes on after a purchase from the slate.
    public var staysAfterPurchase = 0.5
    /// Utility lost for each time that the shopper looked at the item without a click. That it falls: Ma, Liu and Shen, User
    /// fatigue in online news recommendation, WWW 2016; how much: assumption. 0 with ``boredom`` 1: none.
    public var fatigue = 0.2
    /// Each such time also leaves so much of the attention to the item.
    public var boredom = 0.95
    /// What a week leaves of both.
    public var fatigueMemory = 0.5
    /// Utility lost once bought: these are not groceries.
    public var repeatPenalty = 3.0

    /// The shop that the figures of this project are of, with another seed where one is given.
    public init(seed: UInt64 = 1) { self.seed = seed }

    /// Everything that is wrong; empty when the shop can be made.
    public var problems: [String] {
        var problems: [String] = []
        func check(_ isRight: Bool, _ what: String) { if !isRight { problems.append(what) } }
        for (name, count) in [
            ("shoppers", shoppers), ("items", items), ("weeks", weeks), ("weeks to warm up", warmUpWeeks),
            ("places of a slate", slateSize), ("categories", categories),
        ] { check((1...1_000_000).contains(count), "\(count) \(name) are not 1 to 1000000") }
        check((0...100_000).contains(newItemsPerWeek), "\(newItemsPerWeek) new items a week are not 0 to 100000")
        check(lifeInWeeks.lowerBound >= 1, "an item's life of \(lifeInWeeks.lowerBound) weeks is below 1")
        check((0...1000).contains(visitsPerWeek), "\(visitsPerWeek) visits a week are not 0 to 1000")
        for (name, share) in [
            ("search share", searchShare), ("probability to stay", staysAfterPurchase), ("boredom", boredom),
            ("memory of fatigue", fatigueMemory), ("persistence of taste", tastePersistence),
        ] { check((0...1).contains(share), "the \(name) \(share) is not 0 to 1") }
        for (name, number) in [
            ("spread of items", itemSpread), ("spread of quality", qualitySpread), ("aging", aging),
            ("spread of activity", activitySpread), ("strength of taste", tasteStrength),
            ("floor of search", searchFloor),
            ("power of search", searchPower), ("exponent of places", positionExponent),
            ("slope of purchases", purchaseSlope), ("fatigue", fatigue), ("penalty of repeats", repeatPenalty),
        ] { check(number.isFinite && number >= 0, "the \(name) \(number) is not a number from 0 up") }
        check(searchFloor > 0, "a search floor of 0 would leave unsold items unfound for ever")
        check(clickThreshold.isFinite && purchaseThreshold.isFinite, "a threshold is not a number")
        return problems
    }
}

/// Why a shop cannot be simulated: everything that is wrong with its configuration.
public struct InvalidSimulation: Error, Hashable, Sendable, CustomStringConvertible {
    /// One sentence each.
    public let problems: [String]
    /// - Parameter problems: one sentence each, none of them empty.
    public init(problems: [String]) { self.problems = problems }
    public var description: String { problems.joined(separator: "; ") }
}
