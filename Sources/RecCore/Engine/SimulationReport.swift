// What a policy sold in a simulated shop, what it missed and what it found.

/// Figures of some weeks.
public struct SimulationFigures: Sendable, Hashable {
    /// Visits of shoppers.
    public var visits = 0
    /// Visits with a purchase, by search or from the slate.
    public var buyingVisits = 0
    /// Places shown, looked at or not.
    public var impressions = 0
    /// From slates.
    public var clicks = 0
    /// Purchases from slates.
    public var slateSales = 0
    /// All purchases, by search too.
    public var sales = 0
    /// Of these, of items launched since the first simulated week.
    public var newItemSales = 0
    /// Mean purchases from the slates shown, in closed form: ``slateSales`` without the chance of the last draw.
    public var expectedSales = 0.0
    /// The same of the best slate of each visit, for the same shopper in the same state.
    public var bestExpectedSales = 0.0
    /// Items launched since the first simulated week that came to ``SimulationPipeline/newSellerSales`` purchases, by search or from
    /// slates, in these weeks.
    public var newSellers = 0
    /// Share of the items on sale in any of the weeks that sold at least once in them.
    public var catalogueShare = 0.0
    /// Gini coefficient of the sales of these items: 0 = all sell alike, towards 1 = one sells everything.
    public var gini = 0.0

    /// Nothing happened yet.
    public init() {}

    /// Share of the visits with a purchase.
    public var conversion: Double { Double(buyingVisits) / Double(max(1, visits)) }
    /// Purchases that the best slates would have brought on top. It is of single visits: a policy that learns pays it early.
    public var regret: Double { bestExpectedSales - expectedSales }
}

/// A slate that was shown, for estimates from logs.
public struct SimulatedSlate: Sendable, Hashable {
    /// Who came, and when.
    public let arrival: SimulatedArrival
    /// Item rows, first place first.
    public let slate: [Int32]
    /// What the shopper did.
    public let outcome: SimulatedOutcome
}

/// One run of one policy.
public struct SimulationReport: Sendable, Hashable {
    /// The shop's seed.
    public let seed: UInt64
    /// Figures of each simulated week.
    public let weeks: [SimulationFigures]
    /// Figures of all of them together.
    public let total: SimulationFigures
    /// By time; empty unless asked for.
    public let slates: [SimulatedSlate]
}

/// Adds up visits, of a week or of a run.
struct SimulationTally {
    private(set) var figures = SimulationFigures()
    /// Of each item.
    private(set) var sales: [Int]
    private var wasOnSale: [Bool]

    init(items: Int) {
        sales = Array(repeating: 0, count: items)
        wasOnSale = Array(repeating: false, count: items)
    }

    mutating func open(_ items: [Int]) { for item in items { wasOnSale[item] = true } }

    mutating func add(
        find: SimulatedFind?, slate: [Int32], _ outcome: SimulatedOutcome, expected: Double, best: Double
    ) {
        figures.visits += 1
        figures.impressions += slate.count
        figures.clicks += outcome.clicks.count
        figures.slateSales += outcome.purchases.count
        figures.expectedSales += expected
        figures.bestExpectedSales += best
        for place in outcome.purchases { sales[Int(slate[place])] += 1 }
        if let find, find.isBought { sales[Int(find.item)] += 1 }
        if find?.isBought == true || !outcome.purchases.isEmpty { figures.buyingVisits += 1 }
    }

    /// - Parameters:
    ///   - new: items launched since the first simulated week.
    ///   - before: sales of each item before what was added up.
    ///   - least: purchases that make a new seller.
    func finished(new: Range<Int>, before: [Int], least: Int) -> SimulationFigures {
        var figures = figures
        figures.sales = sales.reduce(0, +)
        figures.newItemSales = new.reduce(0) { $0 + sales[$1] }
        figures.newSellers = new.count { before[$0] < least && before[$0] + sales[$0] >= least }
        let offered = sales.indices.filter { wasOnSale[$0] }.map { sales[$0] }
        figures.catalogueShare = Double(offered.count { $0 > 0 }) / Double(max(1, offered.count))
        figures.gini = Self.gini(offered)
        return figures
    }

    /// Sum over i of (2 i - n - 1) x_i / (n sum x), for x ascending and i from 1.
    static func gini(_ values: [Int]) -> Double {
        let total = values.reduce(0, +)
        guard total > 0 else { return 0 }
        let sum = values.sorted().enumerated().reduce(0) { $0 + (2 * ($1.offset + 1) - values.count - 1) * $1.element }
        return Double(sum) / (Double(values.count) * Double(total))
    }
}
