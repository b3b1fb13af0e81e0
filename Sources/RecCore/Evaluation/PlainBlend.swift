// A blend of three signals, from a short list of proportions.
import Synchronization

/// Taste, walk and regression in the proportions that give the best Recall@20.
///
/// Few proportions and no damping: for validation cuts that are no picture of the future.
enum PlainBlend {
    static let walks: [Double] = [0, 0.15, 0.3, 0.45, 0.6, 0.8, 1, 1.5]
    static let regressions: [Double] = [0, 0.5, 1, 2, 4, 8]

    /// - Complexity: O(proportions * candidates of all examples).
    static func best(_ examples: [ListwiseFitter.Example]) -> SignalWeights {
        let hasRegression = examples.contains { $0.hasValues(.regression) }
        var best = (recall: -1.0, weights: SignalWeights.tasteOnly)
        for walk in walks {
            for regression in hasRegression ? regressions : [0] {
                var weights = SignalWeights.tasteOnly
                weights[.newTaste] = 0
                weights[.walkSum] = walk
                weights[.regression] = regression
                let recall = recall(examples, weights)
                if recall > best.recall { best = (recall, weights) }
            }
        }
        return best.weights
    }

    private static func recall(_ examples: [ListwiseFitter.Example], _ weights: SignalWeights) -> Double {
        let grain = 64
        let parts = Mutex([Double](repeating: 0, count: (examples.count + grain - 1) / grain))
        forEachRange(examples.count, grain: grain) { range in
            var sum = 0.0
            for example in examples[range] { sum += example.recall(weights, at: 20) }
            let part = sum
            parts.withLock { $0[range.lowerBound / grain] = part }
        }
        return parts.withLock { $0.reduce(0, +) } / Double(max(1, examples.count))
    }
}

extension ListwiseFitter.Example {
    func hasValues(_ signal: Signal) -> Bool {
        candidates.items.indices.contains { candidates.signals[$0 * Signal.count + signal.rawValue] != 0 }
    }

    /// Share of the items taken among the first `count`, by the base weights alone.
    func recall(_ weights: SignalWeights, at count: Int) -> Double {
        guard relevantCount > 0 else { return 0 }
        let used = Signal.allCases.filter { weights[$0] != 0 }.map { ($0.rawValue, Float(weights[$0])) }
        var best = TopK(capacity: count)
        for place in candidates.items.indices {
            var score: Float = 0
            for (signal, weight) in used { score += weight * candidates.signals[place * Signal.count + signal] }
            best.offer(ScoredRow(row: place, score: score))
        }
        return Double(best.sorted().count { isRelevant[$0.row] }) / Double(relevantCount)
    }
}
