// What a run changes in a simulated shop: what shoppers have looked at and bought, and what sells.

/// What a shopper found without the slate.
public struct SimulatedFind: Sendable, Hashable {
    /// Index of the item.
    public let item: Int32
    /// Every find is clicked.
    public let isBought: Bool
}

/// What a shopper did with a slate.
public struct SimulatedOutcome: Sendable, Hashable {
    /// Places that the shopper looked at, from the first: what stands behind was not seen.
    public var examined = 0
    /// Clicked and bought places, ascending; what is bought is clicked.
    public var clicks: [Int] = []
    /// Bought places, ascending.
    public var purchases: [Int] = []
    /// A visit in which nothing was looked at.
    public init() {}
}

/// The state of one run of a shop. A value: a copy is another run that goes on from the same past.
///
/// Shoppers decide by draws that belong to week, shopper, visit and item, so two runs differ only where their slates did.
public struct SimulatedTraffic: Sendable {
    /// The ground truth, which a run does not change.
    public let shop: SimulatedShop
    /// What each shopper remembers, by item.
    private var memories: [[Int32: SimulatedMemory]]
    /// Sales of each item up to the week before, 30 % of which are forgotten each week; what search goes by.
    public private(set) var popularity: [Double]
    /// ``SimulatedShopConfiguration/searchFloor`` and so on, of each item.
    private var searchWeights: [Double]
    private var weekSales: [Double]
    private var onSale: (week: Int, items: [Int])

    static let forgotten = 0.3

    /// The state at the start of the warm-up: nobody has seen or bought anything.
    public init(_ shop: SimulatedShop) {
        self.shop = shop
        memories = Array(repeating: [:], count: shop.configuration.shoppers)
        popularity = Array(repeating: 0, count: shop.items.count)
        weekSales = popularity
        searchWeights = []
        onSale = (0, shop.itemsOnSale(week: 0))
        weighSearch()
    }

    private mutating func weighSearch() {
        let configuration = shop.configuration
        searchWeights = popularity.map { powOf(configuration.searchFloor + $0, configuration.searchPower) }
    }

    /// Ends a week: what was sold in it is what search goes by in the next.
    public mutating func endWeek(_ week: Int) {
        for item in popularity.indices {
            popularity[item] = (1 - Self.forgotten) * popularity[item] + weekSales[item]
            weekSales[item] = 0
        }
        weighSearch()
        onSale = (week + 1, shop.itemsOnSale(week: week + 1))
    }

    /// Indices of the items on sale, ascending.
    func itemsOnSale(week: Int) -> [Int] { week == onSale.week ? onSale.items : shop.itemsOnSale(week: week) }

    /// What the shopper would do with an item now.
    public func choice(of item: Int32, by shopper: Int, week: Int) -> SimulatedChoice {
        shop.choice(of: Int(item), by: shopper, week: week, memories[shopper][item])
    }

    /// The true probability that the shopper buys an item, once at its place: of every item, 0 for those not on sale.
    /// - Complexity: O(items).
    public func saleProbabilities(shopper: Int, week: Int) -> [Float] {
        var probabilities = [Float](repeating: 0, count: shop.items.count)
        for item in itemsOnSale(week: week) {
            probabilities[item] = shop.choice(of: item, by: shopper, week: week, nil).sale
        }
        for (item, memory) in memories[shopper] where probabilities[Int(item)] > 0 {
            probabilities[Int(item)] = shop.choice(of: Int(item), by: shopper, week: week, memory).sale
        }
        return probabilities
    }

    /// The search that a visit may begin with: exponential races, so that the found item is drawn in proportion to its weight, and
    /// mostly the same one when weights differ a little.
    public mutating func search(_ arrival: SimulatedArrival) -> SimulatedFind? {
        let configuration = shop.configuration
        func draw(_ purpose: SimulatedDraw.Purpose) -> SimulatedDraw {
            SimulatedDraw(seed: configuration.seed, purpose).at(arrival)
        }
        guard draw(.isSearching).unit < configuration.searchShare else { return nil }
        let race = draw(.search)
        var found: (item: Int, arrival: Double)?
        for item in itemsOnSale(week: arrival.week) {
            let affinity = shop.affinity(of: item, to: arrival.shopper, week: arrival.week)
            let time = -logOf(race.at(item).unit) / (searchWeights[item] * expOf(affinity))
            if time < found?.arrival ?? .infinity { found = (item, time) }
        }
        guard let item = found.map({ Int32($0.item) }) else { return nil }
        let choice = choice(of: item, by: arrival.shopper, week: arrival.week)
        let isBought = draw(.searchPurchase).at(Int(item)).unit < choice.purchase
        remember(item, arrival, isClicked: true, isBought: isBought)
        return SimulatedFind(item: item, isBought: isBought)
    }

    /// Shows a slate. The shopper goes down from the first place: as far as a draw of the visit says, or until a purchase ends it.
    /// - Parameters:
    ///   - arrival: who comes, and when.
    ///   - slate: item indices, each at most once.
    public mutating func visit(_ arrival: SimulatedArrival, slate: [Int32]) -> SimulatedOutcome {
        let seed = shop.configuration.seed
        func draw(_ purpose: SimulatedDraw.Purpose) -> SimulatedDraw { SimulatedDraw(seed: seed, purpose).at(arrival) }
        let depth = draw(.depth).unit
        let (attention, click) = (draw(.attention), draw(.click))
        let (purchase, leaving) = (draw(.purchase), draw(.leaving))
        var outcome = SimulatedOutcome()
        for (place, (item, examined)) in zip(slate, shop.examination).enumerated() {
            guard depth < examined else { break }
            outcome.examined = place + 1
            let number = Int(item)
            let choice = choice(of: item, by: arrival.shopper, week: arrival.week)
            guard attention.at(number).unit < choice.attention else { continue }
            let isClicked = click.at(number).unit < choice.click
            let isBought = isClicked && purchase.at(number).unit < choice.purchase
            remember(item, arrival, isClicked: isClicked, isBought: isBought)
            if isClicked { outcome.clicks.append(place) }
            guard isBought else { continue }
            outcome.purchases.append(place)
            if leaving.at(place).unit >= shop.configuration.staysAfterPurchase { break }
        }
        return outcome
    }

    private mutating func remember(_ item: Int32, _ arrival: SimulatedArrival, isClicked: Bool, isBought: Bool) {
        var memory = memories[arrival.shopper][item] ?? SimulatedMemory()
        let tiredness = shop.tiredness(of: memory, week: arrival.week)
        memory.tiredness = isClicked ? 0 : Float(tiredness + 1)
        memory.week = Int32(arrival.week)
        if isBought {
            memory.isBought = true
            weekSales[Int(item)] += 1
        }
        memories[arrival.shopper][item] = memory
    }
}

// MARK: - As a shop's log tells it

extension SimulatedTraffic {
    /// Clicks and purchases of a visit as events: a find at its start, each place seconds later than the one before.
    /// - Throws: never for the ids of a simulated shop; events are checked as all others.
    public func events(
        _ arrival: SimulatedArrival, find: SimulatedFind?, slate: [Int32], _ outcome: SimulatedOutcome
    ) throws(InvalidInteraction) -> [Interaction] {
        var events: [Interaction] = []
        func add(_ item: Int32, _ kind: InteractionKind, second: Int) throws(InvalidInteraction) {
            events.append(
                try Interaction(
                    user: shop.shopperIDs[arrival.shopper], item: shop.itemIDs[Int(item)], kind: kind,
                    timestamp: Timestamp(milliseconds: arrival.time.milliseconds + Int64(second) * 1000)))
        }
        if let find {
            try add(find.item, .click, second: 0)
            if find.isBought { try add(find.item, .purchase, second: 2) }
        }
        for place in outcome.clicks {
            try add(slate[place], .click, second: 5 * (place + 1))
            if outcome.purchases.contains(place) { try add(slate[place], .purchase, second: 5 * (place + 1) + 2) }
        }
        return events
    }
}
