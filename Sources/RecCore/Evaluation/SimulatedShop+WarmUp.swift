// The weeks before the first model: search, and slates of what sells.

/// What a shop has when its first model is trained.
public struct SimulatedPast: Sendable {
    /// Clicks and purchases, by time.
    public let events: [Interaction]
    /// The shop at the end of the warm-up.
    public let traffic: SimulatedTraffic
}

extension SimulatedShop {
    /// Runs the weeks of the warm-up. Each visit gets a slate of items drawn in proportion to 1 + their sales of the weeks before
    /// (as a shop's front page of best sellers that is mixed anew for everyone), in the order they were drawn.
    /// - Throws: never for the ids of a simulated shop.
    /// - Complexity: O(visits * items).
    public func warmUp() throws(InvalidInteraction) -> SimulatedPast {
        var traffic = SimulatedTraffic(self)
        var events: [Interaction] = []
        for week in 0..<firstWeek {
            let onSale = itemsOnSale(week: week)
            for arrival in arrivals(week: week) {
                let find = traffic.search(arrival)
                let race = SimulatedDraw(seed: configuration.seed, .warmUpSlate).at(arrival)
                var first = TopK(capacity: configuration.slateSize)
                for item in onSale {
                    // The smallest of exponential times are a draw without replacement (Efraimidis and Spirakis, 2006).
                    let time = -logOf(race.at(item).unit) / (1 + traffic.popularity[item])
                    first.offer(ScoredRow(row: item, score: Float(-time)))
                }
                let slate = first.sorted().map { Int32($0.row) }
                let outcome = traffic.visit(arrival, slate: slate)
                events += try traffic.events(arrival, find: find, slate: slate, outcome)
            }
            traffic.endWeek(week)
        }
        return SimulatedPast(events: events, traffic: traffic)
    }
}
