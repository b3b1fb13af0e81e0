// What a simulated shop asks for at each visit, and the policies that others are held against.

/// A visit of a simulated shopper, as a policy may see it. Rows are those of the model: row 12 is item `i12`.
public struct SimulatedVisit: Sendable {
    /// Who comes, and when.
    public let arrival: SimulatedArrival
    /// Of this visit alone, for the policy's own draws: the same for every policy of a seed.
    public let seed: UInt64
    /// Places to fill.
    public let slateSize: Int
    /// Whether each item row is on sale.
    public let isOnSale: [Bool]
    /// Slates so far that held the item: all shoppers, since the first simulated week, this visit not among them.
    public let impressions: [Int32]
    /// Clicks and purchases of each item from these slates.
    public let clicks: [Int32]
    /// Purchases of each item from these slates.
    public let purchases: [Int32]
    /// The true probability that the shopper buys the item, once at its place; 0 for items not on sale. For oracles and tests
    /// alone: no shop knows it.
    public let truth: [Float]
    /// The slate that sells most at this visit by `truth`. For oracles alone.
    public let bestSlate: [Int32]

    /// Whether the item of a row is on sale; no row outside the shop is.
    public func isOpen(_ row: Int) -> Bool { isOnSale.indices.contains(row) && isOnSale[row] }
    /// Rows on sale, ascending.
    public var openRows: [Int32] { isOnSale.indices.filter { isOnSale[$0] }.map(Int32.init) }
}

/// Chooses the slate of a visit: item rows of the model, best first, each on sale and at most once, at most
/// ``SimulatedVisit/slateSize`` of them. It draws from ``SimulatedVisit/seed`` alone, so that a run can be repeated.
public typealias SimulationPolicy =
    @Sendable (_ visit: SimulatedVisit, _ snapshot: ModelSnapshot, _ evidence: UserEvidence) -> [Int32]

/// Policies that others are held against.
public enum ReferencePolicy {
    /// The best items by the model's own score.
    public static let greedy: SimulationPolicy = { visit, snapshot, evidence in
        snapshot.ranking(
            for: evidence, limit: visit.slateSize, withPast: snapshot.configuration.repeats, isEligible: visit.isOpen
        ).map { Int32($0.item) }
    }

    /// Any items on sale.
    public static let random: SimulationPolicy = { visit, _, _ in
        var generator = SplitMix64(seed: visit.seed)
        return Array(drawn(visit.slateSize, from: visit.openRows, &generator))
    }

    /// The slate that truly sells most at this visit: what no policy can know.
    public static let oracle: SimulationPolicy = { visit, _, _ in visit.bestSlate }

    /// The first of a shuffle, without shuffling the rest.
    private static func drawn(
        _ count: Int, from rows: [Int32], _ generator: inout SplitMix64
    ) -> ArraySlice<Int32> {
        var rows = rows
        let count = min(count, rows.count)
        for place in 0..<count { rows.swapAt(place, Int.random(in: place..<rows.count, using: &generator)) }
        return rows.prefix(count)
    }
}
