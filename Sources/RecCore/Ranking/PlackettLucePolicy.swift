// Slates in proportion to what is likely: Plackett-Luce.

/// P(next = i | places before) = exp(s_i / t) / sum over the candidates left of exp(s_j / t) (Plackett, The Analysis of Permutations,
/// Applied Statistics 1975). At temperature 1 a place goes to an item as often as the model thinks it is taken.
public struct PlackettLucePolicy: RankingPolicy {
    /// In the unit of the scores, above 0.
    public let temperature: Double
    public var text: String { "plackett_luce(\(temperature))" }
    /// A temperature below a millionth becomes a millionth, which is greedy but for ties.
    public init(temperature: Double) { self.temperature = max(1e-6, temperature) }

    public func logProbabilities(_ state: SlateState) -> [Double] {
        let scaled = state.logits.map { $0 / temperature }
        let total = PortableMath.logSum(scaled)
        guard total > -.infinity else { return scaled }
        return scaled.map { $0 - total }
    }

    /// Keys s / t - ln(-ln U) in falling order are an exact sample without replacement (Kool, van Hoof and Welling, Stochastic Beams
    /// and Where to Find Them, ICML 2019, section 3). The sum under each propensity is built from the last place to the first out of
    /// positive terms alone, so that nothing cancels.
    /// - Complexity: O(candidates log length): two logarithms and an exponential each.
    public func slate(from state: SlateState, length: Int, using generator: inout SplitMix64) -> RankedSlate {
        let count = length - state.chosen.count
        guard count > 0 else { return RankedSlate(places: state.chosen, logPropensities: []) }
        var scaled = state.logits
        var keys = state.logits
        for place in scaled.indices {
            // Drawn for every candidate, open or not: what one may not show does not change the luck of the others.
            let noise = -PortableMath.log(-PortableMath.log(generator.nextUnit()))
            scaled[place] /= temperature
            keys[place] = scaled[place] + noise
        }
        let order = GreedyPolicy.order(keys, count: count)
        return RankedSlate(
            places: state.chosen + order, logPropensities: Self.logPropensities(of: order, scaled: scaled))
    }

    public func logPropensities(of places: [Int], in candidates: SlateCandidates) -> [Double] {
        guard places.allSatisfy({ candidates.scores.indices.contains($0) }) else {
            return places.map { _ in -.infinity }
        }
        return Self.logPropensities(of: places, scaled: candidates.scores.map { Double($0) / temperature })
    }

    static func logPropensities(of order: [Int], scaled: [Double]) -> [Double] {
        var rest = scaled
        for place in order { rest[place] = -.infinity }
        var total = PortableMath.logSum(rest)
        var result = [Double](repeating: 0, count: order.count)
        for slot in order.indices.reversed() {
            total = PortableMath.logAdd(total, scaled[order[slot]])
            result[slot] = scaled[order[slot]] > -.infinity ? min(0, scaled[order[slot]] - total) : -.infinity
        }
        return result
    }
}
