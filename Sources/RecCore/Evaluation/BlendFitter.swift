// Weights of a few scaled lists from a validation cut.
import Synchronization

/// Coordinate ascent on MAP@12 over the candidates of validation users.
///
/// - Complexity: O(rounds * channels * steps * candidates of all users).
public struct BlendFitter: Sendable {
    /// Candidates of one user, which of them were taken, and how many items the user took in all.
    public struct Example: Sendable {
        let values: [[Float]]
        let isRelevant: [Bool]
        let relevantCount: Int
        /// ln of each item's share of events, for policies; empty = not looked up.
        var logShares: [Float] = []
        /// - Parameters:
        ///   - items: rows of the candidates.
        ///   - values: scaled values of each candidate, one a list.
        ///   - relevant: rows of the items that the user took, candidates or not.
        public init(items: [Int32], values: [[Float]], relevant: Set<Int32>) {
            self.values = values
            isRelevant = items.map { relevant.contains($0) }
            relevantCount = relevant.count
        }

        /// What calibration of a policy looks at.
        func forPolicies(_ weights: StrangerWeights) -> PolicyCalibration.Example? {
            guard relevantCount > 0, logShares.count == values.count else { return nil }
            let scores = values.map { row in zip(weights.values, row).reduce(Float(0)) { $0 + Float($1.0) * $1.1 } }
            return PolicyCalibration.Example(
                scores: scores.map { ScoredItems.logit(ofShare: $0) }, logShares: logShares, isRelevant: isRelevant,
                relevantCount: relevantCount)
        }
    }

    private let examples: [Example]
    /// A fitter on users who took something; the others say nothing of MAP and are left out.
    public init(_ examples: [Example]) { self.examples = examples.filter { $0.relevantCount > 0 } }

    static let steps = [0, 0.05, 0.1, 0.2, 0.35, 0.6, 1, 1.6, 2.5, 4]

    /// - Returns: the best weights found from `start`, and their MAP@12 on the examples.
    public func fit(from start: [Double], rounds: Int = 3) -> (weights: [Double], map: Double) {
        var weights = start
        var map = meanAveragePrecision(start)
        for _ in 0..<rounds {
            let before = map
            for place in weights.indices {
                let kept = weights[place]
                var bestStep = kept
                for step in Self.steps where step != kept {
                    weights[place] = step
                    let found = meanAveragePrecision(weights)
                    if found > map { (map, bestStep) = (found, step) }
                }
                weights[place] = bestStep
            }
            if map <= before { break }
        }
        return (weights, map)
    }

    /// MAP@12 (denominator min(m, 12)) of the examples under given weights.
    public func meanAveragePrecision(_ weights: [Double]) -> Double {
        let grain = 64
        let sums = Mutex([Double](repeating: 0, count: (examples.count + grain - 1) / grain))
        forEachRange(examples.count, grain: grain) { range in
            var sum = 0.0
            for example in examples[range] {
                var best = TopK(capacity: 12)
                for (place, values) in example.values.enumerated() {
                    var score = 0.0
                    for (weight, value) in zip(weights, values) { score += weight * Double(value) }
                    best.offer(ScoredRow(row: place, score: Float(score)))
                }
                var hits = 0.0
                var precision = 0.0
                for (place, found) in best.sorted().enumerated() where example.isRelevant[found.row] {
                    hits += 1
                    precision += hits / Double(place + 1)
                }
                sum += precision / Double(min(12, example.relevantCount))
            }
            let part = sum
            sums.withLock { $0[range.lowerBound / grain] = part }
        }
        return sums.withLock { $0.reduce(0, +) } / Double(max(1, examples.count))
    }
}
