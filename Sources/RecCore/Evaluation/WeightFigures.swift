// How the weights of a log are spread: what tells whether an off-policy number rests on many slates or on a few.

/// Figures of the weights w = pi_e / pi_b of a log's slates.
public struct WeightFigures: Sendable, Hashable {
    /// (sum w)^2 / sum w^2: how many slates of equal weight would be as good (Kong, 1992); 0 when all weights are 0.
    public let effectiveSampleSize: Double
    /// 1 up to chance when the logged propensities are right and the log holds all that the evaluated policy does.
    public let mean: Double
    /// The largest weight: how much of the number rests on one slate.
    public let largest: Double
}

/// What the figures are made of.
struct WeightSums {
    private var count = 0.0
    private var sum = 0.0
    private var squares = 0.0
    private var largest = 0.0

    mutating func add(_ weight: Double) {
        count += 1
        sum += weight
        squares += weight * weight
        largest = max(largest, weight)
    }

    /// Squares of weights below 1e-154 vanish; as one weight alone they count as one slate, not as none.
    var figures: WeightFigures {
        WeightFigures(
            effectiveSampleSize: squares > 0 ? sum * (sum / squares) : (sum > 0 ? 1 : 0),
            mean: count > 0 ? sum / count : 0, largest: largest)
    }
}
