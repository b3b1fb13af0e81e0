// What a shopper does with one item, and what a slate sells, in closed form.

/// What a shopper remembers of an item.
struct SimulatedMemory: Sendable {
    /// Looks without a click, as of `week`.
    var tiredness: Float = 0
    var week: Int32 = 0
    var isBought = false
}

/// The probabilities of one shopper with one item, once the shopper has come to its place.
public struct SimulatedChoice: Sendable, Hashable {
    /// Whether the item is noticed.
    public let attention: Double
    /// Whether a noticed item is clicked.
    public let click: Double
    /// Whether a clicked item is bought.
    public let purchase: Double
    /// Whether it is bought.
    public var sale: Float { Float(attention * click * purchase) }
}

extension SimulatedShop {
    /// With utility u = affinity + quality - aging * weeks on sale - what was lost by the past:
    /// click = logistic(u - fatigue * looks - threshold), purchase after a click = logistic(slope * u - threshold).
    /// - Parameter memory: of the item; `nil` = the shopper never looked at it.
    func choice(of item: Int, by shopper: Int, week: Int, _ memory: SimulatedMemory?) -> SimulatedChoice {
        var utility =
            affinity(of: item, to: shopper, week: week) + items[item].quality
            - configuration.aging * Double(week - items[item].weeks.lowerBound)
        var tiredness = 0.0
        if let memory {
            if memory.isBought { utility -= configuration.repeatPenalty }
            tiredness = self.tiredness(of: memory, week: week)
        }
        return SimulatedChoice(
            attention: tiredness == 0 ? 1 : powOf(configuration.boredom, tiredness),
            click: logistic(utility - configuration.fatigue * tiredness - configuration.clickThreshold),
            purchase: logistic(configuration.purchaseSlope * utility - configuration.purchaseThreshold))
    }

    /// Looks without a click, as far as they are not forgotten.
    func tiredness(of memory: SimulatedMemory, week: Int) -> Double {
        guard memory.tiredness > 0 else { return 0 }
        return Double(memory.tiredness) * powOf(configuration.fatigueMemory, Double(week - Int(memory.week)))
    }

    private func logistic(_ x: Double) -> Double { 1 / (1 + expOf(-x)) }

    /// Mean purchases from a slate: the sum over places l of e_l p_l prod_{j<l} (1 - (1 - s) p_j), with e_l the probability of
    /// looking so far down, p_l that of buying what stands there, and s that of staying after a purchase.
    /// - Parameter probabilities: ``SimulatedChoice/sale`` of each place.
    public func expectedSales(ofSlate probabilities: some Sequence<Float>) -> Double {
        var stays = 1.0
        var sum = 0.0
        for (examined, sale) in zip(examination, probabilities) {
            sum += examined * stays * Double(sale)
            stays *= 1 - (1 - configuration.staysAfterPurchase) * Double(sale)
        }
        return sum
    }

    /// The slate that sells most at this visit: the items of the largest probabilities, in their order.
    ///
    /// That no other slate sells more: as e_l falls, exchanging two neighbours so that the larger p comes first never loses; and
    /// raising one p never loses, since what all places behind can sell is at most e_l / (1 - s). It looks at this visit alone: it
    /// neither spares a shopper's patience nor learns.
    /// - Parameter probabilities: ``SimulatedChoice/sale`` of every item, 0 for those that are not on sale.
    public func bestSlate(_ probabilities: [Float]) -> [Int32] {
        var best = TopK(capacity: configuration.slateSize)
        for (row, score) in probabilities.enumerated() where score > 0 && score >= best.threshold {
            best.offer(ScoredRow(row: row, score: score))
        }
        return best.sorted().map { Int32($0.row) }
    }
}
