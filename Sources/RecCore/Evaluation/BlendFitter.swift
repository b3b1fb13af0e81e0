// Channel weights from a validation cut.
import Synchronization

/// Coordinate ascent on MAP@12 over the candidates of validation users.
///
/// - Complexity: O(rounds * channels * steps * candidates of all users).
public struct BlendFitter: Sendable {
    /// Candidates of one user, which of them were taken, and how many items the user took in all.
    public struct Example: Sendable {
        let channels: [[Float]]
        let isRelevant: [Bool]
        let relevantCount: Int
        public init(_ candidates: [Candidate], relevant: Set<Int32>) {
            channels = candidates.map(\.channels)
            isRelevant = candidates.map { relevant.contains(Int32($0.item)) }
            relevantCount = relevant.count
        }
    }

    private let examples: [Example]
    public init(_ examples: [Example]) { self.examples = examples.filter { $0.relevantCount > 0 } }

    static let steps = [0, 0.02, 0.05, 0.1, 0.2, 0.35, 0.6, 1, 1.6, 2.5, 4]

    /// - Returns: the best weights found and their MAP@12 on the examples.
    public func fit(from starts: [ChannelWeights] = Self.starts, rounds: Int = 3) -> (
        weights: ChannelWeights, map: Double
    ) {
        var best = (weights: starts.first ?? ChannelWeights(), map: -1.0)
        for start in starts {
            var weights = start
            var map = meanAveragePrecision(start)
            for _ in 0..<rounds {
                let before = map
                for channel in Channel.allCases {
                    let kept = weights[channel]
                    var bestStep = kept
                    for step in Self.steps where step != kept {
                        weights[channel] = step
                        let found = meanAveragePrecision(weights)
                        if found > map { (map, bestStep) = (found, step) }
                    }
                    weights[channel] = bestStep
                }
                if map <= before { break }
            }
            if map > best.map { best = (weights, map) }
        }
        return best
    }

    /// A hybrid, and the two baselines that ask for no model.
    public static let starts = [
        ChannelWeights(),
        ChannelWeights(taste: 0.1, boughtTogether: 0.2, content: 0, ownHistory: 2.5, trending: 1, popular: 0.35),
    ]

    /// MAP@12 (denominator min(m, 12)) of the examples under given weights.
    public func meanAveragePrecision(_ weights: ChannelWeights) -> Double {
        let grain = 64
        let sums = Mutex([Double](repeating: 0, count: (examples.count + grain - 1) / grain))
        forEachRange(examples.count, grain: grain) { range in
            var sum = 0.0
            for example in examples[range] {
                var best = TopK(capacity: 12)
                for (place, values) in example.channels.enumerated() {
                    var score = 0.0
                    for channel in weights.values.indices { score += weights.values[channel] * Double(values[channel]) }
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
