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
    func map12(_ policy: ComposedPolicy) -> Double { figures(policy, headShare: .infinity).map12 }

    /// The same, and the share of the first 12 places that show items outside the head.
    /// - Parameter headShare: ln of the share of events from which an item belongs to the head.
    func figures(_ policy: ComposedPolicy, headShare: Float) -> (map12: Double, tail: Double) {
        let draws = policy.isDeterministic ? 1 : min(Self.mostDraws, max(2, Self.slates / max(1, examples.count)))
        let sums = Mutex([SIMD2<Double>](repeating: .zero, count: examples.count))
        forEachRange(examples.count, grain: 32) { range in
            let found = range.map { place in
                (0..<draws).reduce(SIMD2<Double>.zero) { sum, draw in
                    // Seeds in a row would give streams of which one is the other a step later.
                    var luck = SplitMix64(seed: seed &+ UInt64(place) << 20 &+ UInt64(draw))
                    let example = examples[place]
                    let slate = policy.slate(from: example.candidates, length: 12, seed: luck.next())
                    let tail = slate.places.count { example.candidates.logShares[$0] < headShare }
                    return sum
                        + SIMD2(
                            example.averagePrecision(slate.places),
                            Double(tail) / Double(max(1, slate.places.count)))
                } / Double(draws)
            }
            sums.withLock { $0.replaceSubrange(range, with: found) }
        }
        let mean = sums.withLock { $0.reduce(.zero, +) } / Double(max(1, examples.count))
        return (mean[0], mean[1])
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

    /// Multiples of the calibrated strengths that the frontier shows: from greedy to far beyond what the loss allows.
    private static let multiples: [Double] = [0, 0.25, 0.5, 1, 1.5, 2, 3, 4]

    /// What weaker and stronger settings give, from selling to discovering.
    func frontier(around settings: ExplorationSettings, headShare: Float) -> [ExplorationSettings.FrontierPoint] {
        Self.multiples.map { multiple in
            // Numbers that a person can read and write.
            func plain(_ strength: Double) -> Double { (strength * multiple * 10_000).rounded() / 10_000 }
            let point = ExplorationSettings.FrontierPoint(
                temper: plain(settings.temper), temperature: plain(settings.temperature), map12: 0, tail: 0)
            let found = figures(point.policy, headShare: headShare)
            return ExplorationSettings.FrontierPoint(
                temper: point.temper, temperature: point.temperature, map12: found.map12, tail: found.tail)
        }
    }
}
