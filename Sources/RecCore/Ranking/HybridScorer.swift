// Many channels, one score: who proposes an item, and how the proposals are added up.

/// What a channel's score is multiplied with. Each channel is scaled so that the user's best candidate has 1.
public struct ChannelWeights: Sendable, Hashable {
    /// In the order of ``Channel``.
    public var values: [Double]

    /// Factors, bought together, content, own history, popular in the last days, popular in the last weeks.
    public init(
        taste: Double = 1, boughtTogether: Double = 0.6, content: Double = 0.1, ownHistory: Double = 0,
        trending: Double = 0.1,
        popular: Double = 0.05
    ) {
        values = [taste, boughtTogether, content, ownHistory, trending, popular]
    }

    public subscript(channel: Channel) -> Double {
        get { values[channel.rawValue] }
        set { values[channel.rawValue] = newValue }
    }
}

/// A source of candidates and scores.
public enum Channel: Int, Sendable, CaseIterable {
    case taste, boughtTogether, content, ownHistory, trending, popular

    /// The word used in answers and reports.
    public var name: String {
        switch self {
        case .taste: "taste"
        case .boughtTogether: "bought_together"
        case .content: "content"
        case .ownHistory: "own_history"
        case .trending: "trending"
        case .popular: "popular"
        }
    }
}

/// What is known of a user at the moment of a request.
public struct UserEvidence: Sendable {
    /// d factors; `nil` when nothing is known.
    public var factors: [Float]?
    public var past: [PastItem]
    public init(factors: [Float]?, past: [PastItem]) { (self.factors, self.past) = (factors, past) }
}

/// An item with the scaled score of each channel.
public struct Candidate: Sendable {
    public let item: Int
    /// In the order of ``Channel``, best candidate = 1.
    public let channels: [Float]

    public func score(_ weights: ChannelWeights) -> Double {
        var sum = 0.0
        for (value, weight) in zip(channels, weights.values) { sum += Double(value) * weight }
        return sum
    }
}

/// Gathers candidates of all channels and scores every one of them in every channel.
public struct HybridScorer: Sendable {
    let items: DenseMatrix
    let neighbours: ItemNeighbours
    let features: ItemFeatures?
    let history: InteractionHistory
    /// Items by recent and by seasonal events, best first.
    private let trending: [Int32]
    private let popular: [Int32]

    public init(items: DenseMatrix, neighbours: ItemNeighbours, features: ItemFeatures?, history: InteractionHistory) {
        (self.items, self.neighbours, self.features, self.history) = (items, neighbours, features, history)
        func order(_ scores: Column<Float>) -> [Int32] {
            (0..<scores.count).filter { scores[$0] > 0 }
                .sorted {
                    ScoredRow.isBefore(ScoredRow(row: $0, score: scores[$0]), ScoredRow(row: $1, score: scores[$1]))
                }
                .map(Int32.init)
        }
        trending = order(history.itemRecentEvents)
        popular = order(history.itemSeasonEvents)
    }

    /// Candidates: the best of each channel, every item of the past when `withPast`.
    /// - Parameters:
    ///   - count: how many each channel proposes.
    ///   - isEligible: rows it refuses are no candidates, so a list is short only when the shop is.
    /// - Complexity: O(items * d + |past| * neighbours + count * features).
    public func candidates(
        for user: UserEvidence, count: Int, withPast: Bool, isEligible: (Int) -> Bool
    ) -> [Candidate] {
        let past = Set(user.past.map(\.item))
        func isOpen(_ row: Int) -> Bool { (withPast || !past.contains(Int32(row))) && isEligible(row) }
        let together = togetherScores(user.past)
        var rows = Set<Int>()
        if let factors = user.factors {
            for found in items.largest(count, query: factors, where: isOpen) { rows.insert(found.row) }
        }
        var best = TopK(capacity: count)
        for row in together.touched where isOpen(Int(row)) {
            best.offer(ScoredRow(row: Int(row), score: together[Int(row)]))
        }
        for found in best.sorted() { rows.insert(found.row) }
        for list in [trending, popular] {
            var taken = 0
            for row in list where taken < count && isOpen(Int(row)) {
                rows.insert(Int(row))
                taken += 1
            }
        }
        if withPast { for item in user.past where isOpen(Int(item.item)) { rows.insert(Int(item.item)) } }
        if rows.count < count {
            for row in 0..<items.rows where rows.count < count && isOpen(row) { rows.insert(row) }
        }
        return scored(rows.sorted(), user: user, together: together)
    }

    /// Channel scores of given rows, each channel scaled by its largest value among them.
    public func scored(_ rows: [Int], user: UserEvidence, together: SparseSums? = nil) -> [Candidate] {
        let together = together ?? togetherScores(user.past)
        let profile = contentProfile(user.past)
        var own: [Int32: Float] = [:]
        for item in user.past { own[item.item] = item.recency }
        var values = rows.map { row -> [Float] in
            [
                user.factors.map { items.dot(row: row, $0) } ?? 0,
                together[row],
                contentScore(row, profile),
                own[Int32(row)] ?? 0,
                history.itemRecentEvents[row],
                history.itemSeasonEvents[row],
            ]
        }
        for channel in Channel.allCases.indices {
            let largest = values.reduce(Float(0)) { max($0, $1[channel]) }
            guard largest > 0 else { continue }
            for index in values.indices { values[index][channel] /= largest }
        }
        return zip(rows, values).map { Candidate(item: $0, channels: $1) }
    }

    /// The random walk from a past: sum over its items of recency x P_ij.
    public func togetherScores(_ past: [PastItem]) -> SparseSums {
        neighbours.matrix.sum(past.map { (row: Int($0.item), weight: $0.recency) })
    }

    private func contentProfile(_ past: [PastItem]) -> [Int32: Float] {
        guard let features else { return [:] }
        var profile: [Int32: Float] = [:]
        for item in past.sorted(by: { $0.recency > $1.recency }).prefix(50) {
            for entry in features.matrix.range(of: Int(item.item)) {
                profile[features.matrix.indices[entry], default: 0] += item.recency * features.matrix.values[entry]
            }
        }
        return profile
    }

    private func contentScore(_ row: Int, _ profile: [Int32: Float]) -> Float {
        guard let features, !profile.isEmpty else { return 0 }
        var sum: Float = 0
        for entry in features.matrix.range(of: row) {
            sum += (profile[features.matrix.indices[entry]] ?? 0) * features.matrix.values[entry]
        }
        return sum
    }
}

extension [Candidate] {
    /// The best `limit`, best first; equal scores by lower row.
    public func ranked(_ weights: ChannelWeights, limit: Int) -> [(candidate: Candidate, score: Double)] {
        map { ($0, $0.score(weights)) }
            .sorted { $0.1 != $1.1 ? $0.1 > $1.1 : $0.0.item < $1.0.item }
            .prefix(limit).map { (candidate: $0.0, score: $0.1) }
    }
}
