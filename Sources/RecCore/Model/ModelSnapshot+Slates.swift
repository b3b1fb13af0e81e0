// From what is known of a user to a slate by a policy.

/// A slate with what it was drawn from.
public struct ModelSlate: Sendable {
    /// First place first, with what each score is made of.
    public let items: [RankedItem]
    /// ln of the probability of each item given those before it.
    public let logPropensities: [Double]
    /// What the policy chose from.
    public let candidates: SlateCandidates
    /// Row of each candidate in the model.
    public let rows: [Int32]
}

/// What a slate may be made of.
public struct SlateOptions: Sendable {
    /// Candidates that the policy sees: the best by score.
    public var candidates: Int
    /// Whether items of the user's past may come again.
    public var withPast: Bool
    /// The only rows that may come; `nil` = what the channels propose.
    public var only: [Int]?
    /// What raises or lowers scores before candidates are chosen.
    public var boosts: [RowBoost]
    /// Rows that are scored whatever the channels propose; those that are underexposed are offered to a reserved place.
    public var including: [Int]
    /// Number of an item's value of the policy's quota column; -1 = has none.
    public var group: (@Sendable (Int) -> Int32)?
    /// Whether an item was shown less than the policy's floor.
    public var isUnderexposed: (@Sendable (Int) -> Bool)?

    /// New items among the candidates, at most, beside the best.
    public static let newItems = 12

    /// The defaults ask for nothing special: a hundred candidates, the past included, no quota and no reserve.
    public init(
        candidates: Int = 100, withPast: Bool = true, only: [Int]? = nil, boosts: [RowBoost] = [],
        including: [Int] = [], group: (@Sendable (Int) -> Int32)? = nil,
        isUnderexposed: (@Sendable (Int) -> Bool)? = nil
    ) {
        (self.candidates, self.withPast, self.only, self.boosts) = (candidates, withPast, only, boosts)
        (self.including, self.group, self.isUnderexposed) = (including, group, isUnderexposed)
    }
}

extension ModelSnapshot {
    /// What a choice of policy means on this model for a user.
    public func policy(_ choice: PolicyChoice, for user: UserEvidence) -> ComposedPolicy {
        switch choice {
        case .fixed(let policy): policy
        case .stochastic: (configuration.exploration ?? .standard).policy(forStranger: user.past.isEmpty)
        }
    }

    /// A slate drawn by a policy from the best candidates of a user.
    /// - Parameters:
    ///   - user: what is known of the user.
    ///   - length: places at most.
    ///   - policy: what draws.
    ///   - seed: the same seed, candidates and policy give the same slate.
    ///   - options: what the slate may be made of.
    ///   - isEligible: rows it refuses are no candidates.
    /// - Complexity: that of ``ranking(for:limit:withPast:weights:only:boosts:isEligible:)`` and O(candidates).
    public func slate(
        for user: UserEvidence, length: Int, policy: ComposedPolicy, seed: UInt64,
        options: SlateOptions = SlateOptions(), isEligible: (Int) -> Bool = { _ in true }
    ) -> ModelSlate {
        let scored = scored(
            for: user, limit: length, withPast: options.withPast, only: options.only, including: options.including,
            boosts: options.boosts, isEligible: isEligible)
        let chosen = chosen(scored, max(options.candidates, length), user, policy.columns, options)
        let candidates = candidates(scored, chosen, user, policy.columns, options)
        let slate = policy.slate(from: candidates, length: length, seed: seed)
        return ModelSlate(
            items: slate.places.map { scored.ranked(chosen.places[$0]) }, logPropensities: slate.logPropensities,
            candidates: candidates, rows: chosen.places.map { scored.items[$0] })
    }

    /// What policies would choose from, and the model's row of each candidate.
    /// - Parameters:
    ///   - user: what is known of the user.
    ///   - columns: what the policies look at beside scores and shares.
    ///   - options: what slates may be made of.
    ///   - isEligible: rows it refuses are no candidates.
    public func slateCandidates(
        for user: UserEvidence, columns: CandidateColumns, options: SlateOptions = SlateOptions(),
        isEligible: (Int) -> Bool = { _ in true }
    ) -> (candidates: SlateCandidates, rows: [Int32]) {
        let scored = scored(
            for: user, limit: 60, withPast: options.withPast, only: options.only, including: options.including,
            boosts: options.boosts, isEligible: isEligible)
        let chosen = chosen(scored, options.candidates, user, columns, options)
        return (candidates(scored, chosen, user, columns, options), chosen.places.map { scored.items[$0] })
    }

    /// Which of the scored items are candidates.
    private struct Chosen {
        /// Best first: the highest scores, and behind them, as extras, the best of the new and the underexposed items.
        var places: [Int]
        var extras = 0
        /// Of each place; empty where no policy asks.
        var isUnderexposed: [Bool] = []
    }

    private func chosen(
        _ scored: ScoredItems, _ count: Int, _ user: UserEvidence, _ columns: CandidateColumns,
        _ options: SlateOptions
    ) -> Chosen {
        var best = TopK(capacity: count)
        for (place, score) in scored.scores.enumerated() { best.offer(ScoredRow(row: place, score: score)) }
        let first = best.sorted().map(\.row)
        guard columns.contains(.exposure), let isYoung = underexposed(options, user) else {
            return Chosen(places: first)
        }
        // Asked once: other requests count what they show meanwhile.
        let flags = scored.items.map { isYoung(Int($0)) }
        var isTaken = [Bool](repeating: false, count: flags.count)
        for place in first { isTaken[place] = true }
        var young = TopK(capacity: SlateOptions.newItems)
        var extras: [Int] = []
        for place in flags.indices where flags[place] && !isTaken[place] {
            if options.including.contains(Int(scored.items[place])) {
                extras.append(place)
            } else {
                young.offer(ScoredRow(row: place, score: scored.scores[place]))
            }
        }
        extras = young.sorted().map(\.row) + extras
        let places = first + extras
        return Chosen(places: places, extras: extras.count, isUnderexposed: places.map { flags[$0] })
    }

    private func candidates(
        _ scored: ScoredItems, _ chosen: Chosen, _ user: UserEvidence, _ columns: CandidateColumns,
        _ options: SlateOptions
    ) -> SlateCandidates {
        let rows = chosen.places.map { Int(scored.items[$0]) }
        let logits = scored.logits
        var deviations: [Float] = []
        if columns.contains(.deviations) { deviations = self.deviations(scored, rows, user) }
        return SlateCandidates(
            rows: rows.map { Int32($0) }, of: history.items, scores: chosen.places.map { logits[$0] },
            logShares: rows.map { scorer.logShare($0) }, deviations: deviations,
            isUnderexposed: chosen.isUnderexposed,
            groups: columns.contains(.groups) ? options.group.map { rows.map($0) } ?? [] : [], extras: chosen.extras,
            directions: columns.contains(.directions) ? directions(of: rows) : [])
    }

    /// What the user took already needs no place to be discovered in.
    private func underexposed(_ options: SlateOptions, _ user: UserEvidence) -> ((Int) -> Bool)? {
        guard let isUnderexposed = options.isUnderexposed else { return nil }
        let past = Set(user.past.map(\.item))
        // The usual answer first: most items are not.
        return { isUnderexposed($0) && !past.contains(Int32($0)) }
    }

    /// Unit vectors of items' factors, one behind the other. Zeros for rows that the model does not have and for items without events,
    /// whose factors follow the catalogue: what diversity looks at is the same while a version serves, and in its files.
    func directions(of rows: [Int]) -> [Float] {
        rows.flatMap { row in
            row < factors.items.rows && history.itemEvents[row] > 0
                ? factors.items[row: row].map { $0 * itemScale[row] }
                : Array(repeating: 0, count: factors.items.columns)
        }
    }

    /// Of each row's score: of taste by ``ItemUncertainty``, and of popularity, whose logarithm has variance 1 / (events + 1).
    private func deviations(_ scored: ScoredItems, _ rows: [Int], _ user: UserEvidence) -> [Float] {
        let taste = user.factors.map { factors -> [Double] in
            let scale = scored.weightOfTaste * Double(scorer.tasteSearch.scale(of: factors))
            return uncertainty.deviations(of: factors).map { $0 * scale }
        }
        return rows.map { row in
            let events = Int(history.itemEvents[row])
            let liking = taste.map { $0[ItemUncertainty.level(events)] } ?? 0
            let selling = scored.weightOfPopularity * scored.weightOfPopularity / Double(events + 1)
            return Float((liking * liking + selling).squareRoot())
        }
    }
}
