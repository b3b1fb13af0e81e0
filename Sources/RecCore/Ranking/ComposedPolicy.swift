// Policies made of parts: a choice, and what changes the scores before it or restricts the places.

/// A policy for the choice, the discovery dial, and rules of the slate as a whole: the dial first, then diversity, the reserved place
/// and the quota, each among what the one before left; where nobody meets a rule it is given up for that place. Whatever they are, each
/// place has an exact law.
public struct ComposedPolicy: RankingPolicy, Hashable {
    /// How a place is filled from the scores.
    public enum Choice: Sendable, Hashable {
        /// The candidate with the highest score: ``GreedyPolicy``.
        case greedy
        /// With this probability, 0...1, any candidate, each as likely as another, else the best:
        /// ``EpsilonGreedyPolicy``.
        case epsilonGreedy(Double)
        /// Drawn by softmax of the scores over the temperature, in nats: ``PlackettLucePolicy``.
        case plackettLuce(temperature: Double)
        /// The best after each score is drawn from a normal law of sigma deviations: ``ThompsonPolicy``.
        case thompson(sigma: Double)
    }

    /// Places that are kept for items that were shown too little to be judged.
    public struct Reserve: Sendable, Hashable {
        /// 1 = first.
        public var place: Int
        /// Impressions up to which an item may take it.
        public var floor: Int
        /// - Parameters:
        ///   - place: counted from 1.
        ///   - floor: impressions.
        public init(place: Int, floor: Int) { (self.place, self.floor) = (place, floor) }
    }

    /// At most so many of one value of a column of the catalogue.
    public struct Quota: Sendable, Hashable {
        /// Name of a column, as the catalogue has it.
        public var column: String
        /// Items of one value in a list at most, as long as others are left.
        public var most: Int
        /// Items without a value in the column are not counted.
        public init(column: String, most: Int) { (self.column, self.most) = (column, most) }
    }

    /// The law of one place.
    public var choice: Choice
    /// The discovery dial: nats that an item loses for each nat of its share of events; 0 = none. In a model of probabilities what the
    /// norm exponent is in one of inner products: popularity to the power 1 - temper.
    public var temper = 0.0
    /// Maximal marginal relevance: nats that an item loses at cosine 1 to the nearest item placed before (Carbonell and Goldstein,
    /// SIGIR 1998); 0 = none.
    public var diversity = 0.0
    /// `nil` = no limit.
    public var quota: Quota?
    /// `nil` = no place is kept.
    public var reserve: Reserve?

    /// A policy without diversity and quota, which may be set afterwards.
    public init(_ choice: Choice = .greedy, temper: Double = 0, reserve: Reserve? = nil) {
        (self.choice, self.temper, self.reserve) = (choice, temper, reserve)
    }

    /// The best first; nothing is left to chance.
    public static let greedy = ComposedPolicy()

    /// Whether candidates alone decide. With a reserve the luck of the request and what was shown before choose candidates.
    public var isDeterministic: Bool {
        guard reserve == nil else { return false }
        return switch choice {
        case .greedy: true
        case .epsilonGreedy(let epsilon): epsilon == 0
        case .thompson(let sigma): sigma == 0
        case .plackettLuce: false
        }
    }

    /// What it looks at beside scores and shares.
    public var columns: CandidateColumns {
        var columns: CandidateColumns = []
        if case .thompson = choice { columns.insert(.deviations) }
        if reserve != nil { columns.insert(.exposure) }
        if quota != nil { columns.insert(.groups) }
        if diversity > 0 { columns.insert(.directions) }
        return columns
    }

    private var base: any RankingPolicy {
        switch choice {
        case .greedy: GreedyPolicy()
        case .epsilonGreedy(let epsilon): EpsilonGreedyPolicy(epsilon: epsilon)
        case .plackettLuce(let temperature): PlackettLucePolicy(temperature: temperature)
        case .thompson(let sigma): ThompsonPolicy(sigma: sigma)
        }
    }

    /// Whether what may stand at a place depends on the places before.
    private func isAdaptive(in candidates: SlateCandidates) -> Bool {
        (diversity > 0 && !candidates.directions.isEmpty) || (quota != nil && !candidates.groups.isEmpty)
    }

    private func tempered(_ state: SlateState) -> SlateState {
        guard temper != 0 else { return state }
        var lowered = state
        lowered.lower { temper * Double(state.candidates.logShares[$0]) }
        return lowered
    }

    /// The state in which the base chooses the next place.
    private func ruled(_ state: SlateState) -> SlateState {
        var state = state
        let candidates = state.candidates
        if diversity > 0, !state.nearest.isEmpty {
            for place in state.logits.indices { state.logits[place] -= diversity * state.nearest[place] }
        }
        func keep(_ isAllowed: (Int) -> Bool) {
            let allowed = state.logits.indices.filter { state.logits[$0] > -.infinity && isAllowed($0) }
            guard !allowed.isEmpty else { return }
            var logits = [Double](repeating: -.infinity, count: state.logits.count)
            for place in allowed { logits[place] = state.logits[place] }
            state.logits = logits
        }
        if isReserved(state.chosen.count), candidates.isUnderexposed.contains(true) {
            keep { candidates.isUnderexposed[$0] }
        } else if candidates.extras > 0 {
            let first = candidates.count - candidates.extras
            if state.logits[..<first].contains(where: { $0 > -.infinity }) {
                for place in first..<candidates.count { state.logits[place] = -.infinity }
            }
        }
        if let quota, !candidates.groups.isEmpty {
            var taken: [Int32: Int] = [:]
            for place in state.chosen { taken[candidates.groups[place], default: 0] += 1 }
            keep { candidates.groups[$0] < 0 || taken[candidates.groups[$0], default: 0] < quota.most }
        }
        return state
    }

    private func isReserved(_ place: Int) -> Bool { reserve.map { $0.place == place + 1 } ?? false }

    public func logProbabilities(_ state: SlateState) -> [Double] {
        base.logProbabilities(ruled(tempered(state)))
    }

    public func slate(from state: SlateState, length: Int, using generator: inout SplitMix64) -> RankedSlate {
        var state = tempered(state)
        var propensities: [Double] = []
        func fill(upTo count: Int, _ generator: inout SplitMix64) {
            while state.chosen.count < count {
                let part = base.slate(from: ruled(state), length: count, using: &generator)
                guard part.places.count > state.chosen.count else { return }
                propensities += part.logPropensities
                for place in part.places.dropFirst(state.chosen.count) { state.choose(place) }
            }
        }
        if !isAdaptive(in: state.candidates) {
            // Only the reserved place has a law of its own: before and behind it the base fills many places at once.
            let kept = reserve.map(\.place) ?? 0
            if (1...max(1, length)).contains(kept), state.candidates.isUnderexposed.contains(true) {
                fill(upTo: kept - 1, &generator)
                fillOne(&state, &propensities, &generator)
            }
            fill(upTo: length, &generator)
        } else {
            while state.chosen.count < length {
                let before = state.chosen.count
                fillOne(&state, &propensities, &generator)
                if state.chosen.count == before { break }
            }
        }
        return RankedSlate(places: state.chosen, logPropensities: propensities)
    }

    private func fillOne(_ state: inout SlateState, _ propensities: inout [Double], _ generator: inout SplitMix64) {
        let one = base.slate(from: ruled(state), length: state.chosen.count + 1, using: &generator)
        guard let place = one.places.last, one.places.count > state.chosen.count else { return }
        propensities += one.logPropensities
        state.choose(place)
    }

    public func logPropensities(of places: [Int], in candidates: SlateCandidates) -> [Double] {
        var state = tempered(SlateState(candidates))
        guard places.allSatisfy({ candidates.scores.indices.contains($0) }), Set(places).count == places.count else {
            return places.map { _ in -.infinity }
        }
        if !isAdaptive(in: candidates), case .plackettLuce(let temperature) = choice,
            reserve == nil || !candidates.isUnderexposed.contains(true)
        {
            return PlackettLucePolicy.logPropensities(of: places, scaled: ruled(state).logits.map { $0 / temperature })
        }
        return places.map { place in
            let law = base.logProbabilities(ruled(state))
            state.choose(place)
            return law[place]
        }
    }
}
