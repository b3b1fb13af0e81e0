// From what is known of a user to a list, with what each place is made of.

/// One place of a ranking.
public struct RankedItem: Sendable {
    /// Row of the item.
    public let item: Int
    /// How far the item stands above the mean candidate.
    public let score: Double
    /// What each channel adds to `score`; they sum to it.
    public let parts: [Channel: Double]
    /// The item's signals, in the order of ``Signal``; empty for a user without a past.
    let signals: [Float]

    /// The channel that adds most.
    public var mainChannel: Channel? { parts.max { ($0.value, $1.key.rawValue) < ($1.value, $0.key.rawValue) }?.key }
}

extension ModelSnapshot {
    /// The best items for a user, best first; equal scores by lower row.
    /// - Parameters:
    ///   - user: what is known of the user.
    ///   - limit: items at most.
    ///   - withPast: whether items of the past may come again.
    ///   - weights: of the signals; `nil` = the model's own.
    ///   - only: the only items to be ranked; `nil` = those that the channels propose.
    ///   - boosts: raised items, and those that are not lowered, are candidates beside those that the channels
    ///     propose.
    ///   - isEligible: rows it refuses never take a place.
    public func ranking(
        for user: UserEvidence, limit: Int, withPast: Bool, weights: SignalWeights? = nil, only: [Int]? = nil,
        boosts: [RowBoost] = [], isEligible: (Int) -> Bool = { _ in true }
    ) -> [RankedItem] {
        // More than there are rows, and little enough to compute with.
        let limit = min(limit, 1 << 32)
        let scored = scored(
            for: user, limit: limit, withPast: withPast, weights: weights, only: only, boosts: boosts,
            isEligible: isEligible)
        return best(of: scored, limit: limit).map { scored.ranked($0) }
    }

    /// The candidates for a user with their scores, in order of their rows.
    /// - Parameter including: rows that are candidates whatever the channels propose.
    func scored(
        for user: UserEvidence, limit: Int, withPast: Bool, weights: SignalWeights? = nil, only: [Int]? = nil,
        including: [Int] = [], boosts: [RowBoost] = [], isEligible: (Int) -> Bool = { _ in true }
    ) -> ScoredItems {
        if user.past.isEmpty {
            return scoredForStranger(
                user.segments, limit: limit, only: only, including: including, boosts: boosts, isEligible: isEligible)
        }
        func proposed(_ isOpen: (Int) -> Bool) -> CandidateSet {
            scorer.candidates(
                for: user, count: max(60, limit), withPast: withPast, only: only, including: including,
                isEligible: isOpen)
        }
        var candidates = proposed(isEligible)
        let further = only == nil ? boosts.furtherRows : []
        if !further.isEmpty {
            var rows = Set(candidates.items)
            for isWanted in further { rows.formUnion(proposed { isWanted($0) && isEligible($0) }.items) }
            candidates = scorer.candidates(
                for: user, count: 0, withPast: withPast, only: rows.sorted().map { Int($0) }, isEligible: isEligible)
        }
        let weights = (weights ?? configuration.weights).effective(items: user.past.count)
        return ScoredItems(candidates, weights: weights, boosts: boosts)
    }

    private func scoredForStranger(
        _ segments: [Int32], limit: Int, only: [Int]?, including: [Int], boosts: [RowBoost], isEligible: (Int) -> Bool
    ) -> ScoredItems {
        func candidates(_ only: [Int]?, _ isOpen: (Int) -> Bool) -> (items: [Int32], values: [[Float]]) {
            scorer.strangerCandidates(
                segments: segments, count: max(100, limit), only: only, including: including, isEligible: isOpen)
        }
        var (items, values) = candidates(only, isEligible)
        let further = only == nil ? boosts.furtherRows : []
        if !further.isEmpty {
            var rows = Set(items)
            for isWanted in further { rows.formUnion(candidates(nil) { isWanted($0) && isEligible($0) }.items) }
            (items, values) = candidates(rows.map { Int($0) }, isEligible)
        }
        return ScoredItems(items, values, weights: configuration.strangers.values, boosts: boosts)
    }

    /// Places of the best of some candidates; two of three behind the twelfth are new items' where the model keeps some for them.
    private func best(of scored: ScoredItems, limit: Int) -> [Int] {
        var best = TopK(capacity: limit)
        var new = TopK(capacity: keepsNewItemPlaces(scored) ? max(0, limit - Self.firstPlaces) * 2 / 3 + 1 : 0)
        for (place, score) in scored.scores.enumerated() {
            best.offer(ScoredRow(row: place, score: score))
            if new.capacity > 0, scorer.isNew[Int(scored.items[place])] {
                new.offer(ScoredRow(row: place, score: score))
            }
        }
        return Self.interleaved(best.sorted(), new.sorted(), limit: limit).map(\.row)
    }

    /// Places that are filled by score alone.
    static let firstPlaces = 12

    private func keepsNewItemPlaces(_ scored: ScoredItems) -> Bool {
        configuration.newItemPlaces && scored.weighsNewness
    }

    /// Two of three places behind ``firstPlaces`` go to the best item without events that is not in the list yet.
    private static func interleaved(_ best: [ScoredRow], _ new: [ScoredRow], limit: Int) -> [ScoredRow] {
        guard !new.isEmpty, best.count > firstPlaces else { return best }
        var list = Array(best.prefix(firstPlaces))
        var taken = Set(list.map(\.row))
        var regular = best.dropFirst(firstPlaces)[...]
        var fresh = new[...]
        while list.count < min(limit, best.count) {
            let isForNew = (list.count - firstPlaces) % 3 < 2
            if isForNew, let found = fresh.first(where: { !taken.contains($0.row) }) {
                fresh = fresh.drop { $0.row != found.row }.dropFirst()
                list.append(found)
                taken.insert(found.row)
            } else if let found = regular.first {
                regular = regular.dropFirst()
                if taken.insert(found.row).inserted { list.append(found) }
            } else {
                break
            }
        }
        return list
    }
}
