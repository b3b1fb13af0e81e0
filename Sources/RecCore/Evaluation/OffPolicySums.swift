// The sums over slates that off-policy estimates are made of, by cluster, and their bootstrap.

/// What is summed over slates; letters as in ``OffPolicyEstimator``.
enum OffPolicyTerm: Hashable {
    case one, weight, weightedReward, clippedReward, model, residual, switchedResidual, shrunkResidual
    case marginalReward, prefixReward, cascade
    case placeWeight(Int)
    case placeReward(Int)
}

/// One quotient of an estimate: sum of `numerator` / sum of `denominator`.
struct OffPolicyRatio {
    let numerator: OffPolicyTerm
    let denominator: OffPolicyTerm
    init(_ numerator: OffPolicyTerm, _ denominator: OffPolicyTerm) {
        (self.numerator, self.denominator) = (numerator, denominator)
    }
}

/// The weights of one slate and what they make of its rewards.
struct WeighedSlate {
    /// W_1 ... W_L, and W_L again up to the longest slate of the log.
    let prefix: [Double]
    /// Marginal weights, 1 behind the end; empty when they are missing.
    let marginal: [Double]
    private let slate: LoggedSlate

    /// A larger weight counts as this one: it is far past what any check lets pass, and sums of its squares stay
    /// finite.
    static let largestLogWeight = 300.0
    private static func weight(_ logarithm: Double) -> Double { expOf(min(logarithm, largestLogWeight)) }

    init(_ slate: LoggedSlate, places: Int) {
        self.slate = slate
        var logWeight = 0.0
        var prefix: [Double] = []
        prefix.reserveCapacity(places)
        for place in 0..<slate.count {
            logWeight += slate.evaluated[place] - slate.logged[place]
            prefix.append(Self.weight(logWeight))
        }
        prefix += repeatElement(prefix[slate.count - 1], count: places - slate.count)
        self.prefix = prefix
        marginal =
            slate.marginalLogWeights.map {
                $0.map(Self.weight) + repeatElement(1, count: places - slate.count)
            } ?? []
    }

    var weight: Double { prefix[prefix.count - 1] }
    private var reward: Double { slate.rewards.reduce(0, +) }
    private var residual: Double { reward - slate.predicted.reduce(0, +) }
    private func sum(_ term: (Int) -> Double) -> Double { (0..<slate.count).reduce(0) { $0 + term($1) } }
    private func before(_ place: Int) -> Double { place == 0 ? 1 : prefix[place - 1] }

    func value(of term: OffPolicyTerm, _ settings: OffPolicyEstimator.Settings) -> Double {
        switch term {
        case .one: 1
        case .weight: weight
        case .weightedReward: weight * reward
        case .clippedReward: min(weight, settings.clip) * reward
        case .model: sum { before($0) * slate.expected[$0] }
        case .residual: weight * residual
        case .switchedResidual: weight <= settings.switchAt ? weight * residual : 0
        case .shrunkResidual:
            settings.shrinkage > 0 ? settings.shrinkage * weight / (weight * weight + settings.shrinkage) * residual : 0
        case .marginalReward: marginal.isEmpty ? 0 : sum { marginal[$0] * slate.rewards[$0] }
        case .prefixReward: sum { prefix[$0] * slate.rewards[$0] }
        case .cascade:
            sum { place in
                prefix[place] * (slate.rewards[place] - slate.predicted[place])
                    + before(place) * slate.expected[place]
            }
        case .placeWeight(let place): prefix[place]
        case .placeReward(let place): place < slate.count ? prefix[place] * slate.rewards[place] : 0
        }
    }
}

/// Sums of terms over the slates of each cluster, and the weights of all slates.
struct OffPolicySums {
    /// clusters x terms, clusters in the order of their numbers.
    let sums: [Double]
    let clusters: Int
    let slates: Int
    /// Slates of several places without marginal propensities.
    let withoutMarginals: Int
    /// Of W.
    let joint: WeightFigures
    /// Of W_l, by place.
    let prefixes: [WeightFigures]
    /// Of v_l, by place, over the slates that have them.
    let marginals: [WeightFigures]
    private let width: Int
    /// The quotients of each estimator, as numbers of terms.
    private let ratios: [[(numerator: Int, denominator: Int)]]

    /// - Complexity: O(slates * (places + terms) + clusters * log clusters); a term costs up to `places`.
    init(_ slates: [LoggedSlate], _ estimators: [OffPolicyEstimator], _ settings: OffPolicyEstimator.Settings) {
        let places = slates.reduce(0) { max($0, $1.count) }
        var numbers: [OffPolicyTerm: Int] = [:]
        var terms: [OffPolicyTerm] = []
        func number(_ term: OffPolicyTerm) -> Int {
            if let known = numbers[term] { return known }
            numbers[term] = terms.count
            terms.append(term)
            return terms.count - 1
        }
        ratios = estimators.map { estimator in
            estimator.ratios(places: places).map { (number($0.numerator), number($0.denominator)) }
        }
        width = terms.count

        let order = Set(slates.map(\.cluster)).sorted()
        let row = Dictionary(uniqueKeysWithValues: order.enumerated().map { ($1, $0) })
        var sums = [Double](repeating: 0, count: order.count * width)
        var joint = WeightSums()
        var prefixes = [WeightSums](repeating: WeightSums(), count: places)
        var marginals = prefixes
        var withoutMarginals = 0
        for slate in slates {
            let weighed = WeighedSlate(slate, places: places)
            joint.add(weighed.weight)
            for place in 0..<places { prefixes[place].add(weighed.prefix[place]) }
            if weighed.marginal.isEmpty { withoutMarginals += 1 }
            for (place, weight) in weighed.marginal.enumerated() { marginals[place].add(weight) }
            let start = row[slate.cluster, default: 0] * width
            for (column, term) in terms.enumerated() { sums[start + column] += weighed.value(of: term, settings) }
        }
        (self.sums, clusters, self.slates, self.withoutMarginals) = (sums, order.count, slates.count, withoutMarginals)
        self.joint = joint.figures
        self.prefixes = prefixes.map(\.figures)
        self.marginals = marginals.map(\.figures)
    }

    /// Each estimator's value; `nil` where a denominator is 0 or a sum left the range of Double.
    func values() -> [Double?] {
        var totals = [Double](repeating: 0, count: width)
        for cluster in 0..<clusters { add(cluster, to: &totals) }
        return ratios.map { Self.value($0, totals) }
    }

    /// The middle 95 % of each estimator's values on resampled clusters, every quotient taken anew; `nil` for fewer
    /// than two clusters. All estimators see the same resamples. A resample without any weight has no value and is left
    /// out.
    /// - Complexity: O(resamples * clusters * terms).
    func intervals(resamples: Int, seed: UInt64) -> [Interval?] {
        guard clusters > 1, resamples > 0, !ratios.isEmpty else { return ratios.map { _ in nil } }
        // Drawn, not counted up from `seed`: neighbouring seeds would share all resamples but one.
        var seeds = SplitMix64(seed: seed)
        let seedOfSample = (0..<resamples).map { _ in seeds.next() }
        let found = Column<Double>(resamples * ratios.count) { buffer in
            // NaN marks a value that is missing; it does not leave this function.
            buffer.initialize(repeating: .nan)
            guard let base = buffer.baseAddress else { return }
            let output = DisjointRows(base: base)
            forEachRange(resamples, grain: 20) { range in
                for sample in range {
                    var generator = SplitMix64(seed: seedOfSample[sample])
                    var totals = [Double](repeating: 0, count: width)
                    for _ in 0..<clusters { add(Int.random(in: 0..<clusters, using: &generator), to: &totals) }
                    for (place, ratio) in ratios.enumerated() {
                        output.base[sample * ratios.count + place] = Self.value(ratio, totals) ?? .nan
                    }
                }
            }
        }
        return ratios.indices.map { place in
            Bootstrap.interval((0..<resamples).map { found[$0 * ratios.count + place] }.filter { !$0.isNaN })
        }
    }

    private func add(_ cluster: Int, to totals: inout [Double]) {
        let start = cluster * width
        for column in 0..<width { totals[column] += sums[start + column] }
    }

    private static func value(_ ratios: [(numerator: Int, denominator: Int)], _ totals: [Double]) -> Double? {
        // An empty log has no places to normalise by.
        guard !ratios.isEmpty else { return nil }
        var value = 0.0
        for ratio in ratios {
            guard totals[ratio.denominator] > 0 else { return nil }
            value += totals[ratio.numerator] / totals[ratio.denominator]
        }
        return value.isFinite ? value : nil
    }
}
