// How strong a stochastic policy may be for a stated loss of MAP@12.
import Synchronization

/// Finds the largest strengths whose expected MAP@12 on validation users stays within a stated share of greedy's. The same luck is
/// used for every strength that is tried, so that the expectation falls as evenly as it can.
struct PolicyCalibration: Sendable {
    /// One validation user: candidates with their scores in nats, and which of them were taken.
    struct Example: Sendable {
        let candidates: SlateCandidates
        let isRelevant: [Bool]
        /// Distinct items taken, candidates or not.
        let relevantCount: Int

        /// The best `count` of scored items.
        init(scores: [Float], logShares: [Float], isRelevant: [Bool], relevantCount: Int, count: Int = 100) {
            var best = TopK(capacity: count)
            for (place, score) in scores.enumerated() { best.offer(ScoredRow(row: place, score: score)) }
            let places = best.sorted().map(\.row)
            candidates = SlateCandidates(
                items: places.map { _ in ItemID("") }, scores: places.map { scores[$0] },
                logShares: places.map { logShares[$0] })
            self.isRelevant = places.map { isRelevant[$0] }
            self.relevantCount = relevantCount
        }

        func averagePrecision(_ places: [Int]) -> Double {
            var (hits, sum) = (0.0, 0.0)
            for (place, candidate) in places.prefix(12).enumerated() where isRelevant[candidate] {
                hits += 1
                sum += hits / Double(place + 1)
            }
            return relevantCount > 0 ? sum / Double(min(12, relevantCount)) : 0
        }
    }

    /// Slates drawn for all examples together, about, and for one example at most: of few users more luck tells no more.
    static let slates = 4_000
    static let mostDraws = 20
    /// Steps of the search by halves: a strength is found to 5 %.
    private static let steps = 7

    let examples: [Example]
    let seed: UInt64

    /// Mean over the examples, and over draws of a policy that chances.
    func map12(_ policy: ComposedPolicy) -> Double {
        let draws = policy.isDeterministic ? 1 : min(Self.mostDraws, max(2, Self.slates / max(1, examples.count)))
        let sums = Mutex([Double](repeating: 0, count: examples.count))
        forEachRange(examples.count, grain: 32) { range in
            let found = range.map { place in
                (0..<draws).reduce(0.0) { sum, draw in
                    // Seeds in a row would give streams of which one is the other a step later.
                    var luck = SplitMix64(seed: seed &+ UInt64(place) << 20 &+ UInt64(draw))
                    let slate = policy.slate(from: examples[place].candidates, length: 12, seed: luck.next())
                    return sum + examples[place].averagePrecision(slate.places)
                } / Double(draws)
            }
            sums.withLock { $0.replaceSubrange(range, with: found) }
        }
        return sums.withLock { $0.reduce(0, +) } / Double(max(1, examples.count))
    }

    /// The largest strength in `range` at which the policy keeps `floor`; `nil` when not even the lower end does.
    func largest(in range: ClosedRange<Double>, floor: Double, _ policy: (Double) -> ComposedPolicy) -> Double? {
        guard map12(policy(range.upperBound)) < floor else { return range.upperBound }
        guard map12(policy(range.lowerBound)) >= floor else { return nil }
        var (low, high) = (PortableMath.log(range.lowerBound), PortableMath.log(range.upperBound))
        for _ in 0..<Self.steps {
            let middle = (low + high) / 2
            if map12(policy(PortableMath.exp(middle))) >= floor { low = middle } else { high = middle }
        }
        return PortableMath.exp(low)
    }
}
