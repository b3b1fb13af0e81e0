// What is recommended to a user of whom no event is known.

/// Weights of the lists that need no past: each is scaled so that its best item has 1.
public struct StrangerWeights: Sendable, Hashable {
    /// Share of events, old ones halved every 1, 3, 7, 30 days, or never; then the last but one times the lift of the user's
    /// segments.
    public var values: [Double]
    /// How many lists there are.
    public static let count = 6
    /// Names of the lists in manifests and reports, in the order of ``values``.
    public static let names = [
        "popular_day", "popular_days", "popular_week", "popular_month", "popular_ever", "segment",
    ]
    /// Weights where nothing was fitted: what sells this week above all.
    public static let standard = StrangerWeights([0, 0.3, 1, 0.3, 0.1, 0])
    /// - Precondition: ``count`` weights.
    public init(_ values: [Double]) {
        precondition(values.count == Self.count, "\(values.count) weights")
        self.values = values
    }
}

extension SignalScorer {
    /// Items for a user without a past and their six scaled values, from the best sellers of every span.
    func strangerCandidates(
        segments: [Int32], count: Int, only: [Int]? = nil, including: [Int] = [], isEligible: (Int) -> Bool
    ) -> (items: [Int32], values: [[Float]]) {
        var rows = Set<Int>()
        if let only {
            rows.formUnion(only.filter { isEligible($0) })
        } else {
            rows.formUnion(including.filter { isNew.indices.contains($0) && isEligible($0) })
            for list in bestSellers {
                var taken = 0
                for row in list where taken < count && isEligible(Int(row)) {
                    rows.insert(Int(row))
                    taken += 1
                }
            }
            if rows.count < count {
                for row in isNew.indices
                where rows.count < count && !history.unknownItems.contains(Int32(row)) && isEligible(row) {
                    rows.insert(row)
                }
            }
        }
        let items = rows.sorted()
        var values = items.map { row -> [Float] in
            var shares = (0..<Self.shareCount).map { Float(expOf(Double(logShares[row][$0]))) }
            var lift: Float = 0
            for segment in segments { lift += self.segments.lift(Int(segment), item: row) }
            shares.append(shares[3] * Float(expOf(Double(lift))))
            return shares
        }
        for column in 0..<StrangerWeights.count {
            let largest = values.reduce(Float(0)) { max($0, $1[column]) }
            guard largest > 0 else { continue }
            for place in values.indices { values[place][column] /= largest }
        }
        return (items.map(Int32.init), values)
    }
}
