// From what is known of a user to a list, with what each place is made of.

/// One place of a ranking.
public struct RankedItem: Sendable {
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
    ///   - weights: of the signals; `nil` = the model's own.
    ///   - only: the only items to be ranked; `nil` = those that the channels propose.
    ///   - boosts: raised items, and those that are not lowered, are candidates beside those that the channels propose.
    ///   - isEligible: rows it refuses never take a place.
    public func ranking(
        for user: UserEvidence, limit: Int, withPast: Bool, weights: SignalWeights? = nil, only: [Int]? = nil,
        boosts: [RowBoost] = [], isEligible: (Int) -> Bool = { _ in true }
    ) -> [RankedItem] {
        if user.past.isEmpty {
            return strangerRanking(user.segments, limit: limit, only: only, boosts: boosts, isEligible: isEligible)
        }
        func proposed(_ isOpen: (Int) -> Bool) -> CandidateSet {
            scorer.candidates(for: user, count: max(60, limit), withPast: withPast, only: only, isEligible: isOpen)
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
        var scores = candidates.scores(weights)
        if !boosts.isEmpty {
            for place in scores.indices { scores[place] += boosts.amount(of: Int(candidates.items[place])) }
        }
        var best = TopK(capacity: limit)
        var new = TopK(capacity: keepsNewItemPlaces(weights) ? max(0, limit - Self.firstPlaces) * 2 / 3 + 1 : 0)
        for (place, score) in scores.enumerated() {
            best.offer(ScoredRow(row: place, score: score))
            if scorer.isNew[Int(candidates.items[place])] { new.offer(ScoredRow(row: place, score: score)) }
        }
        var means = [Double](repeating: 0, count: Signal.count)
        for start in stride(from: 0, to: candidates.signals.count, by: Signal.count) {
            for signal in means.indices { means[signal] += Double(candidates.signals[start + signal]) }
        }
        for signal in means.indices { means[signal] /= Double(max(1, scores.count)) }
        let used = Signal.allCases.filter { weights[$0.rawValue] != 0 }.map { ($0.rawValue, $0.channel.rawValue) }
        var isUsed = [Bool](repeating: false, count: Channel.allCases.count)
        for (_, channel) in used { isUsed[channel] = true }
        isUsed[Channel.boost.rawValue] = !boosts.isEmpty
        return Self.interleaved(best.sorted(), new.sorted(), limit: limit).map { [isUsed] found in
            var sums = [Double](repeating: 0, count: Channel.allCases.count)
            for (signal, channel) in used {
                let value = Double(candidates.signals[found.row * Signal.count + signal])
                sums[channel] += Double(weights[signal]) * (value - means[signal])
            }
            var parts = [Channel: Double](minimumCapacity: sums.count)
            if !boosts.isEmpty {
                sums[Channel.boost.rawValue] = Double(boosts.amount(of: Int(candidates.items[found.row])))
            }
            for channel in Channel.allCases where isUsed[channel.rawValue] { parts[channel] = sums[channel.rawValue] }
            return RankedItem(
                item: Int(candidates.items[found.row]), score: sums.reduce(0, +), parts: parts,
                signals: Array(candidates.signals[(found.row * Signal.count)..<((found.row + 1) * Signal.count)]))
        }
    }

    /// Places that are filled by score alone.
    static let firstPlaces = 12

    private func keepsNewItemPlaces(_ weights: [Float]) -> Bool {
        configuration.newItemPlaces && weights[Signal.isNew.rawValue] != 0
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

    private func strangerRanking(
        _ segments: [Int32], limit: Int, only: [Int]?, boosts: [RowBoost], isEligible: (Int) -> Bool
    ) -> [RankedItem] {
        func candidates(_ only: [Int]?, _ isOpen: (Int) -> Bool) -> (items: [Int32], values: [[Float]]) {
            scorer.strangerCandidates(segments: segments, count: max(100, limit), only: only, isEligible: isOpen)
        }
        var (items, values) = candidates(only, isEligible)
        let further = only == nil ? boosts.furtherRows : []
        if !further.isEmpty {
            var rows = Set(items)
            for isWanted in further { rows.formUnion(candidates(nil) { isWanted($0) && isEligible($0) }.items) }
            (items, values) = candidates(rows.map { Int($0) }, isEligible)
        }
        let weights = configuration.strangers.values
        var best = TopK(capacity: limit)
        for (place, row) in values.enumerated() {
            let score = zip(weights, row).reduce(0) { $0 + Float($1.0) * $1.1 }
            best.offer(ScoredRow(row: place, score: score + boosts.amount(of: Int(items[place]))))
        }
        return best.sorted().map { found in
            let sums = zip(weights, values[found.row]).map { $0 * Double($1) }
            var parts: [Channel: Double] = [.popular: sums.dropLast().reduce(0, +), .segment: sums.last ?? 0]
            if !boosts.isEmpty { parts[.boost] = Double(boosts.amount(of: Int(items[found.row]))) }
            return RankedItem(
                item: Int(items[found.row]), score: sums.reduce(0, +) + (parts[.boost] ?? 0), parts: parts, signals: [])
        }
    }
}
