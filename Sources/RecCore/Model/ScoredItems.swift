// Candidates with their scores, and what each score is made of.

/// The candidates of one request, in order of their rows. What a score is made of is worked out for the places of the list only.
struct ScoredItems: Sendable {
    let items: [Int32]
    let scores: [Float]
    private let boosts: [RowBoost]
    private let origin: Origin

    private enum Origin: Sendable {
        /// Of a user with a past: signals, their weights, and each signal's mean over the candidates.
        case signals(CandidateSet, [Float], means: [Double])
        /// Of a user without: scaled lists and their weights.
        case lists([[Float]], [Double])
    }

    init(_ candidates: CandidateSet, weights: [Float], boosts: [RowBoost]) {
        var scores = candidates.scores(weights)
        if !boosts.isEmpty {
            for place in scores.indices { scores[place] += boosts.amount(of: Int(candidates.items[place])) }
        }
        var means = [Double](repeating: 0, count: Signal.count)
        for start in stride(from: 0, to: candidates.signals.count, by: Signal.count) {
            for signal in means.indices { means[signal] += Double(candidates.signals[start + signal]) }
        }
        for signal in means.indices { means[signal] /= Double(max(1, scores.count)) }
        (items, self.scores, self.boosts) = (candidates.items, scores, boosts)
        origin = .signals(candidates, weights, means: means)
    }

    init(_ items: [Int32], _ values: [[Float]], weights: [Double], boosts: [RowBoost]) {
        scores = zip(items, values).map { item, row in
            zip(weights, row).reduce(0) { $0 + Float($1.0) * $1.1 } + boosts.amount(of: Int(item))
        }
        (self.items, self.boosts, origin) = (items, boosts, .lists(values, weights))
    }

    /// Whether an item's being new has a weight of its own.
    var weighsNewness: Bool {
        if case .signals(_, let weights, _) = origin { weights[Signal.isNew.rawValue] != 0 } else { false }
    }

    /// In nats, for policies: the weights of signals were fitted to a softmax; lists of shares are as likely as they are large.
    var logits: [Float] {
        switch origin {
        case .signals: scores
        case .lists: scores.map(Self.logit)
        }
    }

    static func logit(ofShare share: Float) -> Float { Float(PortableMath.log(Double(max(share, 1e-6)))) }

    /// How much the scores lean on what can be unsure of an item: of its taste, and of its popularity.
    var weightOfTaste: Double {
        if case .signals(_, let weights, _) = origin { Double(abs(weights[Signal.taste.rawValue])) } else { 0 }
    }
    var weightOfPopularity: Double {
        guard case .signals(_, let weights, _) = origin else { return 1 }
        return Double(abs(weights.prefix(SignalScorer.shareCount).reduce(0, +)))
    }

    /// One candidate with what its score is made of.
    func ranked(_ place: Int) -> RankedItem {
        let item = Int(items[place])
        switch origin {
        case .signals(let candidates, let weights, let means):
            var sums = [Double](repeating: 0, count: Channel.allCases.count)
            var isUsed = [Bool](repeating: false, count: sums.count)
            for signal in Signal.allCases where weights[signal.rawValue] != 0 {
                let value = Double(candidates.signals[place * Signal.count + signal.rawValue])
                sums[signal.channel.rawValue] += Double(weights[signal.rawValue]) * (value - means[signal.rawValue])
                isUsed[signal.channel.rawValue] = true
            }
            var parts = [Channel: Double](minimumCapacity: sums.count)
            if !boosts.isEmpty {
                sums[Channel.boost.rawValue] = Double(boosts.amount(of: item))
                isUsed[Channel.boost.rawValue] = true
            }
            for channel in Channel.allCases where isUsed[channel.rawValue] { parts[channel] = sums[channel.rawValue] }
            return RankedItem(
                item: item, score: sums.reduce(0, +), parts: parts,
                signals: Array(candidates.signals[(place * Signal.count)..<((place + 1) * Signal.count)]))
        case .lists(let values, let weights):
            let sums = zip(weights, values[place]).map { $0 * Double($1) }
            var parts: [Channel: Double] = [.popular: sums.dropLast().reduce(0, +), .segment: sums.last ?? 0]
            if !boosts.isEmpty { parts[.boost] = Double(boosts.amount(of: item)) }
            return RankedItem(
                item: item, score: sums.reduce(0, +) + (parts[.boost] ?? 0), parts: parts, signals: [])
        }
    }
}
