// The visits of a simulated week: find, evidence, slate, outcome.

/// What a run carries from visit to visit.
struct SimulationRun {
    private let shop: SimulatedShop
    private var traffic: SimulatedTraffic
    private let keepsSlates: Bool
    private(set) var slates: [SimulatedSlate] = []
    // Of each item, from slates.
    private var impressions: [Int32]
    private var clicks: [Int32]
    private var purchases: [Int32]

    init(_ shop: SimulatedShop, _ traffic: SimulatedTraffic, keepsSlates: Bool) {
        (self.shop, self.traffic, self.keepsSlates) = (shop, traffic, keepsSlates)
        impressions = Array(repeating: 0, count: shop.items.count)
        (clicks, purchases) = (impressions, impressions)
    }

    /// Serves every visit of a week with one model. - Returns: the events of the week, by time of visit.
    mutating func week(
        _ week: Int, _ snapshot: ModelSnapshot, _ policy: SimulationPolicy, _ tally: inout SimulationTally,
        _ total: inout SimulationTally
    ) throws(InvalidInteraction) -> [Interaction] {
        let onSale = traffic.itemsOnSale(week: week)
        tally.open(onSale)
        total.open(onSale)
        var isOnSale = [Bool](repeating: false, count: shop.items.count)
        for item in onSale { isOnSale[item] = true }
        var events: [Interaction] = []
        // What the model was not trained on.
        var recent = [[Interaction]](repeating: [], count: shop.configuration.shoppers)
        for arrival in shop.arrivals(week: week) {
            let find = traffic.search(arrival)
            let found = try traffic.events(arrival, find: find, slate: [], SimulatedOutcome())
            recent[arrival.shopper] += found
            let evidence = snapshot.evidence(
                of: shop.shopperIDs[arrival.shopper],
                events: recent[arrival.shopper].suffix(SessionState.capacity))
            let truth = traffic.saleProbabilities(shopper: arrival.shopper, week: week)
            let best = shop.bestSlate(truth)
            let visit = SimulatedVisit(
                arrival: arrival, seed: SimulatedDraw(seed: shop.configuration.seed, .policy).at(arrival).state,
                slateSize: shop.configuration.slateSize, isOnSale: isOnSale, impressions: impressions, clicks: clicks,
                purchases: purchases, truth: truth, bestSlate: best)
            let slate = policy(visit, snapshot, evidence)
            check(slate, isOnSale)
            let outcome = traffic.visit(arrival, slate: slate)
            let taken = try traffic.events(arrival, find: nil, slate: slate, outcome)
            recent[arrival.shopper] += taken
            events += found + taken
            let expected = shop.expectedSales(ofSlate: slate.lazy.map { truth[Int($0)] })
            let possible = shop.expectedSales(ofSlate: best.lazy.map { truth[Int($0)] })
            tally.add(find: find, slate: slate, outcome, expected: expected, best: possible)
            total.add(find: find, slate: slate, outcome, expected: expected, best: possible)
            for item in slate { impressions[Int(item)] += 1 }
            for place in outcome.clicks { clicks[Int(slate[place])] += 1 }
            for place in outcome.purchases { purchases[Int(slate[place])] += 1 }
            if keepsSlates { slates.append(SimulatedSlate(arrival: arrival, slate: slate, outcome: outcome)) }
        }
        traffic.endWeek(week)
        return events
    }

    /// A slate that no shop could show is a bug of the policy.
    private func check(_ slate: [Int32], _ isOnSale: [Bool]) {
        precondition(
            slate.count <= shop.configuration.slateSize,
            "\(slate.count) items for a slate of \(shop.configuration.slateSize)")
        for (place, item) in slate.enumerated() {
            precondition(
                isOnSale.indices.contains(Int(item)) && isOnSale[Int(item)],
                "item \(item) at place \(place) is not on sale"
            )
            precondition(!slate[..<place].contains(item), "item \(item) is in the slate twice")
        }
    }
}
