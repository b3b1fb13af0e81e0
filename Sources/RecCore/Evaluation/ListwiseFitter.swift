// Weights of signals from a validation cut: a softmax regression over each user's candidates.
import Synchronization

/// Minimises, over users with at least one candidate that was taken,
///
///     mean_u  -mean_{i taken by u} ln( exp(w.x_ui) / sum_j exp(w.x_uj) )  +  (ridge / users) |w|^2
///
/// on signals scaled to unit deviation (the listwise loss of Cao et al., Learning to Rank, ICML 2007, with the weights of
/// ``SignalWeights``: a base and a slope by how active the user is). L-BFGS with memory 8 (Nocedal and Wright, Numerical
/// Optimization, algorithm 7.5) and backtracking. Sums are made in the order of examples, so the result does not depend on the
/// number of cores.
public struct ListwiseFitter: Sendable {
    /// Candidates of one user, and which of them were taken.
    public struct Example: Sendable {
        let candidates: CandidateSet
        let isRelevant: [Bool]
        /// Distinct items taken, candidates or not.
        let relevantCount: Int
        let pastItems: Int
        /// ln of each candidate's share of events, for policies; empty = not looked up.
        var logShares: [Float] = []
        /// - Parameters:
        ///   - candidates: items and their signals.
        ///   - relevant: rows of the items that the user took, candidates or not.
        ///   - pastItems: distinct items of the user's past.
        public init(_ candidates: CandidateSet, relevant: Set<Int32>, pastItems: Int) {
            self.candidates = candidates
            isRelevant = candidates.items.map { relevant.contains($0) }
            (relevantCount, self.pastItems) = (relevant.count, pastItems)
        }

        private init(_ candidates: CandidateSet, isRelevant: [Bool], relevantCount: Int, pastItems: Int) {
            (self.candidates, self.isRelevant) = (candidates, isRelevant)
            (self.relevantCount, self.pastItems) = (relevantCount, pastItems)
        }

        /// AP@12 (denominator min(m, 12)) under given weights; 0 for a user who took nothing.
        func averagePrecision(_ weights: SignalWeights) -> Double {
            guard relevantCount > 0 else { return 0 }
            var best = TopK(capacity: 12)
            for (place, score) in candidates.scores(weights.effective(items: pastItems)).enumerated() {
                best.offer(ScoredRow(row: place, score: score))
            }
            var hits = 0.0
            var sum = 0.0
            for (place, found) in best.sorted().enumerated() where isRelevant[found.row] {
                hits += 1
                sum += hits / Double(place + 1)
            }
            return sum / Double(min(12, relevantCount))
        }

        /// What calibration of a policy looks at.
        func forPolicies(_ weights: SignalWeights) -> PolicyCalibration.Example? {
            guard relevantCount > 0, logShares.count == candidates.items.count else { return nil }
            return PolicyCalibration.Example(
                scores: candidates.scores(weights.effective(items: pastItems)), logShares: logShares,
                isRelevant: isRelevant, relevantCount: relevantCount)
        }

        /// The candidates without events; `nil` when the user took none of them.
        func newItemsOnly() -> Example? {
            let width = Signal.count
            let kept = candidates.items.indices.filter { candidates.signals[$0 * width + Signal.isNew.rawValue] > 0 }
            let relevant = kept.map { isRelevant[$0] }
            guard relevant.contains(true) else { return nil }
            return Example(
                CandidateSet(
                    items: kept.map { candidates.items[$0] },
                    signals: kept.flatMap { candidates.signals[($0 * width)..<(($0 + 1) * width)] }),
                isRelevant: relevant, relevantCount: relevant.count { $0 }, pastItems: pastItems)
        }

        /// The same with one signal at zero.
        func without(_ signal: Signal) -> Example {
            var signals = candidates.signals
            for place in candidates.items.indices { signals[place * Signal.count + signal.rawValue] = 0 }
            return Example(
                CandidateSet(items: candidates.items, signals: signals), isRelevant: isRelevant,
                relevantCount: relevantCount, pastItems: pastItems)
        }

        /// The same with the signals of items with events replaced by their weighted sum, as taste.
        func withKnownSignals(summedBy weights: SignalWeights) -> Example {
            let width = Signal.count
            var signals = candidates.signals
            for place in candidates.items.indices where signals[place * width + Signal.isNew.rawValue] == 0 {
                var sum: Float = 0
                for signal in 0..<width {
                    sum += Float(weights.base[signal]) * signals[place * width + signal]
                    signals[place * width + signal] = 0
                }
                signals[place * width + Signal.taste.rawValue] = sum
            }
            return Example(
                CandidateSet(items: candidates.items, signals: signals), isRelevant: isRelevant,
                relevantCount: relevantCount, pastItems: pastItems)
        }

        /// The same with the signals of items without events replaced by their weighted sum.
        func withNewSignals(summedBy weights: SignalWeights) -> Example {
            let width = Signal.count
            var signals = candidates.signals
            for place in candidates.items.indices where signals[place * width + Signal.isNew.rawValue] > 0 {
                var sum: Float = 0
                for signal in ListwiseFitter.newSignals {
                    sum += Float(weights[signal]) * signals[place * width + signal.rawValue]
                    signals[place * width + signal.rawValue] = 0
                }
                signals[place * width + Signal.newTaste.rawValue] = sum
            }
            return Example(
                CandidateSet(items: candidates.items, signals: signals), isRelevant: isRelevant,
                relevantCount: relevantCount, pastItems: pastItems)
        }
    }

    private let examples: [Example]
    private let scales: [Float]
    private let center: Double
    private let spread: Double
    private let ridge: Double
    /// What the penalty draws the scaled weights to.
    private let prior: [Double]

    /// - Parameters:
    ///   - examples: candidates of users; those without a taken candidate say nothing.
    ///   - ridge: weight of the penalty, in users.
    ///   - prior: base weights that the penalty draws to; `nil` = zero.
    public init(_ examples: [Example], ridge: Double = 10, prior: SignalWeights? = nil) {
        self.examples = examples.filter { $0.relevantCount > 0 }
        self.ridge = ridge
        let sizes = self.examples.map { logOf(1 + Double($0.pastItems)) }
        let mean = sizes.reduce(0, +) / Double(max(1, sizes.count))
        center = mean
        spread = max(
            0.3, (sizes.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(max(1, sizes.count))).squareRoot())
        let deviations = Self.deviations(self.examples)
        scales = deviations.map { $0 > 1e-9 ? Float(1 / $0) : 0 }
        self.prior =
            (prior.map { zip($0.base, deviations).map { $0 * $1 } } ?? Array(repeating: 0, count: Signal.count))
            + Array(repeating: 0, count: Signal.count)
    }

    /// Signals of items without events, but for the one that says that they are.
    private static let newSignals: [Signal] = [
        .newTaste, .newContent, .newContentNeighbours, .newContentTwins, .newPopular,
    ]

    /// Weights for users with a past, in two steps: first how items without events stand among each other, which few users can
    /// tell, then how they stand among all, by one number.
    /// - Returns: the weights, and their MAP@12 on the examples; `nil` when no example has a candidate that was taken.
    public static func fit(_ examples: [Example]) -> (weights: SignalWeights, map: Double)? {
        let order = newOrder(examples)
        guard var (weights, _) = ListwiseFitter(examples.map { $0.withNewSignals(summedBy: order) }).fit() else {
            return nil
        }
        let strength = max(1e-3, weights[.newTaste])
        let slope = weights[.newTaste] > 0 ? weights.slope[Signal.newTaste.rawValue] : 0
        for signal in newSignals {
            weights[signal] = strength * order[signal]
            weights.slope[signal.rawValue] = slope * order[signal]
        }
        return (weights, ListwiseFitter(examples).meanAveragePrecision(weights))
    }

    /// Weights where the data have no times: items with events by taste, walk and regression alone, in proportions chosen by
    /// Recall@20 from a short list; then items without events as in ``fit(_:)``.
    ///
    /// A random hold-out asks for items of the same sittings as those that were kept. That flatters whatever finds rare
    /// companions, so the many ways of damping popular items cannot be weighed on it, and fewer numbers are asked of it.
    public static func fitWithoutTimes(_ examples: [Example]) -> (weights: SignalWeights, map: Double)? {
        let plain = PlainBlend.best(examples)
        guard
            var (weights, _) = fit(examples.map { $0.withKnownSignals(summedBy: plain) })
        else { return nil }
        let strength = max(1e-3, weights[.taste])
        for signal in Signal.allCases where signal.channel != .newItem {
            weights[signal] = strength * plain[signal]
            weights.slope[signal.rawValue] = 0
        }
        return (weights, ListwiseFitter(examples).meanAveragePrecision(weights))
    }

    /// How items without events stand among each other. Being alike is never held against an item: where a likeness would get
    /// a weight below zero, it is left out and the others are fitted again.
    private static func newOrder(_ examples: [Example]) -> SignalWeights {
        var among = examples.compactMap { $0.newItemsOnly() }
        guard among.count >= 20 else { return .standard }
        var prior = SignalWeights.standard
        for _ in likenesses {
            guard let weights = ListwiseFitter(among, ridge: 10, prior: prior).fit()?.weights else { return .standard }
            let against = likenesses.filter { weights[$0] < 0 }.min { weights[$0] < weights[$1] }
            guard let against else { return weights }
            among = among.map { $0.without(against) }
            prior[against] = 0
        }
        return .standard
    }

    private static let likenesses: [Signal] = [
        .newTaste, .newContent, .newContentNeighbours, .newContentTwins, .newPopular,
    ]

    private static func deviations(_ examples: [Example]) -> [Double] {
        var sums = [Double](repeating: 0, count: Signal.count)
        var squares = sums
        var count = 0.0
        for example in examples {
            count += Double(example.candidates.items.count)
            for (place, value) in example.candidates.signals.enumerated() {
                sums[place % Signal.count] += Double(value)
                squares[place % Signal.count] += Double(value) * Double(value)
            }
        }
        return zip(sums, squares).map { sum, square in
            max(0, square / max(1, count) - sum / max(1, count) * (sum / max(1, count))).squareRoot()
        }
    }

    /// - Returns: the weights, and their MAP@12 on the examples; `nil` when no example has a candidate that was taken.
    public func fit(iterations: Int = 100) -> (weights: SignalWeights, map: Double)? {
        guard examples.contains(where: { $0.isRelevant.contains(true) }) else { return nil }
        let solution = minimise(from: prior, iterations: iterations)
        let weights = weights(solution)
        return (weights, meanAveragePrecision(weights))
    }

    private func weights(_ solution: [Double]) -> SignalWeights {
        let base = (0..<Signal.count).map { solution[$0] * Double(scales[$0]) }
        let slope = (0..<Signal.count).map { solution[Signal.count + $0] * Double(scales[$0]) }
        return SignalWeights(base: base, slope: slope, center: center, spread: spread)
    }

    /// Loss and gradient at a point.
    private func loss(_ point: [Double]) -> (value: Double, gradient: [Double]) {
        let width = Signal.count
        let weights = weights(point)
        let grain = 32
        let parts = Mutex([(Double, [Double])?](repeating: nil, count: (examples.count + grain - 1) / grain))
        forEachRange(examples.count, grain: grain) { range in
            var sum = 0.0
            var gradient = [Double](repeating: 0, count: 2 * width)
            for example in examples[range] {
                let taken = example.isRelevant.count { $0 }
                guard taken > 0 else { continue }
                let activity = weights.activity(items: example.pastItems)
                let scores = example.candidates.scores(weights.effective(items: example.pastItems))
                let largest = scores.max() ?? 0
                var shares = scores.map { expOf(Double($0 - largest)) }
                let total = shares.reduce(0, +)
                sum += logOf(total) + Double(largest)
                for place in shares.indices {
                    shares[place] /= total
                    if example.isRelevant[place] {
                        sum -= Double(scores[place]) / Double(taken)
                        shares[place] -= 1 / Double(taken)
                    }
                }
                var own = [Float](repeating: 0, count: width)
                example.candidates.signals.withUnsafeBufferPointer { signals in
                    for place in shares.indices {
                        let share = Float(shares[place])
                        for signal in 0..<width { own[signal] += share * signals[place * width + signal] }
                    }
                }
                for signal in 0..<width {
                    gradient[signal] += Double(own[signal])
                    gradient[width + signal] += activity * Double(own[signal])
                }
            }
            let part = (sum, gradient)
            parts.withLock { $0[range.lowerBound / grain] = part }
        }
        var value = 0.0
        var gradient = [Double](repeating: 0, count: 2 * width)
        for part in parts.withLock({ $0 }) {
            guard let part else { continue }
            value += part.0
            for k in gradient.indices { gradient[k] += part.1[k] }
        }
        let count = Double(examples.count)
        value /= count
        for k in gradient.indices {
            let off = point[k] - prior[k]
            gradient[k] = gradient[k] / count * Double(scales[k % width]) + 2 * ridge / count * off
            value += ridge / count * off * off
        }
        return (value, gradient)
    }

    private func minimise(from start: [Double], iterations: Int) -> [Double] {
        func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
        var point = start
        var (value, gradient) = loss(point)
        var steps: [(s: [Double], y: [Double], rho: Double)] = []
        for _ in 0..<iterations {
            var direction = gradient
            var alphas: [Double] = []
            for step in steps.reversed() {
                let alpha = step.rho * dot(step.s, direction)
                alphas.append(alpha)
                for k in direction.indices { direction[k] -= alpha * step.y[k] }
            }
            if let last = steps.last {
                let scale = dot(last.s, last.y) / dot(last.y, last.y)
                for k in direction.indices { direction[k] *= scale }
            }
            for (step, alpha) in zip(steps, alphas.reversed()) {
                let beta = step.rho * dot(step.y, direction)
                for k in direction.indices { direction[k] += (alpha - beta) * step.s[k] }
            }
            let slope = -dot(gradient, direction)
            guard slope < -1e-12 else { break }
            var length = steps.isEmpty ? min(1, 1 / dot(gradient, gradient).squareRoot()) : 1
            var moved = point
            var found = (value: value, gradient: gradient)
            var isBetter = false
            for _ in 0..<20 {
                for k in moved.indices { moved[k] = point[k] - length * direction[k] }
                found = loss(moved)
                if found.value.isFinite, found.value <= value + 1e-4 * length * slope {
                    isBetter = true
                    break
                }
                length /= 2
            }
            guard isBetter else { break }
            let s = zip(moved, point).map { $0 - $1 }
            let y = zip(found.gradient, gradient).map { $0 - $1 }
            let curvature = dot(s, y)
            if curvature > 1e-12 {
                steps.append((s, y, 1 / curvature))
                if steps.count > 8 { steps.removeFirst() }
            }
            let gain = value - found.value
            (point, value, gradient) = (moved, found.value, found.gradient)
            if gain < 1e-7 { break }
        }
        return point
    }

    /// MAP@12 (denominator min(m, 12)) of the examples under given weights.
    public func meanAveragePrecision(_ weights: SignalWeights) -> Double {
        examples.reduce(0) { $0 + $1.averagePrecision(weights) } / Double(max(1, examples.count))
    }
}
