// Slates by what may be true: Thompson sampling on the items' side.

/// Each place goes to the item whose score is highest when all scores are drawn from what is known of them, s_i + sigma d_i e_i with e
/// standard normal (Thompson, Biometrika 1933; on the items' side as in Zhao, Zhang and Wang, Interactive Collaborative Filtering,
/// CIKM 2013). A draw for each place, so that the law of a place given those before it is one integral,
///
///     P(i) = integral of phi((x - s_i) / d_i) / d_i * product over j != i of Phi((x - s_j) / d_j) dx,
///
/// which is computed on a grid, made to sum to one, and drawn from: the propensity is that of the law in use and no estimate of it.
public struct ThompsonPolicy: RankingPolicy {
    /// Scales the deviations; 0 = greedy.
    public let sigma: Double
    public var text: String { "thompson(\(sigma))" }
    /// A sigma below 0 becomes 0.
    public init(sigma: Double) { self.sigma = max(0, sigma) }

    /// - Complexity: O(candidates * grid).
    public func logProbabilities(_ state: SlateState) -> [Double] {
        guard sigma > 0, let table = Table(state, sigma: sigma) else { return GreedyPolicy.law(of: state.logits) }
        return table.law(of: state.logits)
    }

    /// - Complexity: O(candidates * grid) for the table, and as many products a place.
    public func slate(from state: SlateState, length: Int, using generator: inout SplitMix64) -> RankedSlate {
        guard sigma > 0, var table = Table(state, sigma: sigma) else {
            return GreedyPolicy().slate(from: state, length: length, using: &generator)
        }
        var state = state
        var propensities: [Double] = []
        while state.chosen.count < length {
            let law = table.law(of: state.logits)
            guard let found = Self.draw(law, &generator) else { break }
            table.remove(found)
            state.choose(found)
            propensities.append(law[found])
        }
        return RankedSlate(places: state.chosen, logPropensities: propensities)
    }

    /// What the integrals of all candidates have in common.
    private struct Table {
        /// Points of the grid. A deviation below its step is taken as one step.
        static let points = 64
        /// phi / (d Phi) of each candidate at each point; 0 for those that may not be shown.
        private var ratios: [Double]
        /// ln Phi of each candidate at each point.
        private var below: [Double]
        /// Sum of `below` over the candidates left.
        private var product: [Double]

        /// - Returns: `nil` when nothing, or one thing, may be shown.
        init?(_ state: SlateState, sigma: Double) {
            let deviations = state.candidates.deviations
            let widths = state.logits.indices.map { max(1e-3, sigma * Double(deviations.isEmpty ? 1 : deviations[$0])) }
            let open = state.logits.indices.filter { state.logits[$0] > -.infinity }
            guard open.count > 1 else { return nil }
            // The grid is that of the whole slate: of what may be shown and what was, so that every place has the same one.
            var logits = state.logits
            for (place, logit) in zip(state.chosen, state.taken) { logits[place] = logit }
            let known = logits.indices.filter { logits[$0] > -.infinity }
            let highest = known.map { logits[$0] + 5 * widths[$0] }.max() ?? 0
            let lowest = known.map { logits[$0] - 4 * widths[$0] }.min() ?? 0
            // What a slate can come to: the 40th best with little luck.
            let order = GreedyPolicy.order(logits, count: 40)
            let floor = max(lowest, order.map { logits[$0] - 2 * widths[$0] }.min() ?? lowest)
            let step = max(1e-9, (highest - floor) / Double(Self.points - 1))
            ratios = Array(repeating: 0, count: state.logits.count * Self.points)
            below = ratios
            product = Array(repeating: 0, count: Self.points)
            for place in open {
                let width = max(widths[place], step)
                for point in 0..<Self.points {
                    let z = (floor + Double(point) * step - state.logits[place]) / width
                    let log = ThompsonPolicy.logNormalBelow(z)
                    ratios[place * Self.points + point] = PortableMath.exp(-0.5 * z * z - log) / width
                    below[place * Self.points + point] = log
                    product[point] += log
                }
            }
        }

        mutating func remove(_ place: Int) {
            for point in 0..<Self.points { product[point] -= below[place * Self.points + point] }
        }

        func law(of logits: [Double]) -> [Double] {
            let highest = product.max() ?? 0
            let weights = product.map { PortableMath.exp($0 - highest) }
            var masses = [Double](repeating: 0, count: logits.count)
            var total = 0.0
            for place in logits.indices where logits[place] > -.infinity {
                var sum = 0.0
                for point in 0..<Self.points { sum += ratios[place * Self.points + point] * weights[point] }
                masses[place] = sum
                total += sum
            }
            guard total > 0, total < .infinity else { return GreedyPolicy.law(of: logits) }
            let logTotal = PortableMath.log(total)
            return masses.map { PortableMath.log($0) - logTotal }
        }
    }

    /// ln of the normal distribution function, to about 1e-7 (Abramowitz and Stegun 7.1.26 near the middle, the asymptotic series
    /// in the lower tail).
    static func logNormalBelow(_ z: Double) -> Double {
        if z < -5 {
            let square = z * z
            let series = 1 - 1 / square + 3 / (square * square) - 15 / (square * square * square)
            return -0.5 * square - PortableMath.log(-z * 2.5066282746310002) + PortableMath.log(series)
        }
        let x = abs(z) * 0.7071067811865476
        let t = 1 / (1 + 0.3275911 * x)
        let tail =
            ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t
            * PortableMath.exp(-x * x) / 2
        return PortableMath.log(z > 0 ? 1 - tail : tail)
    }
}
