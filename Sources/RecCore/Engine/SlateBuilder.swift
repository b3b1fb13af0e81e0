// One request on one snapshot: the mode, the candidates, the list.

/// The synchronous part of a request. - Complexity: O(items * d), independent of the number of users.
struct SlateBuilder {
    let model: RecommendationEngine.ServedModel
    private var snapshot: ModelSnapshot { model.snapshot }

    struct Answer {
        var mode: RecommendationMode
        var items: [RecommendedItem]
        var isFallback: Bool
        var unknown: [ItemID]
    }

    init(model: RecommendationEngine.ServedModel) { self.model = model }

    func answer(_ request: RecommendationRequest, events: [Interaction]) -> Answer {
        var context: [Int] = []
        var unknown: [ItemID] = []
        for item in request.items {
            if let row = snapshot.history.items.row(of: item.rawValue) {
                if !context.contains(row) { context.append(row) }
            } else {
                unknown.append(item)
            }
        }
        let evidence = snapshot.evidence(of: request.user, events: events)
        var forbidden = model.hidden
        for item in request.excluding {
            if let row = snapshot.history.items.row(of: item.rawValue) { forbidden.insert(row) }
        }
        let withPast = request.allowSeen ?? snapshot.configuration.repeats
        let mode = resolved(request.mode, context: context, evidence: evidence)
        let found: [(candidate: Candidate, score: Double, reason: String)]
        switch mode.mode {
        case .similarity:
            found = similar(to: context, limit: request.limit, forbidden: forbidden.union(context))
        case .crossSell:
            found = complements(of: context, limit: request.limit, forbidden: forbidden.union(context))
        case .recency:
            let leading = request.mode == .recency ? led(by: evidence) : evidence
            found = ranked(
                leading, snapshot.configuration.channels, limit: request.limit, withPast: withPast,
                past: evidence.past, forbidden: forbidden.union(context))
        case .coldStart, .auto:
            var weights = ChannelWeights(
                taste: 0, boughtTogether: 0, content: 0, ownHistory: 0, trending: 1, popular: 0.3)
            let fitted = snapshot.configuration.channels
            if fitted[.trending] + fitted[.popular] > 0 {
                (weights[.trending], weights[.popular]) = (fitted[.trending], fitted[.popular])
            }
            found = ranked(
                UserEvidence(factors: nil, past: []), weights, limit: request.limit, withPast: true,
                past: withPast ? [] : evidence.past, forbidden: forbidden.union(context))
        }
        let items = found.enumerated().map { place, entry in
            RecommendedItem(
                item: ItemID(snapshot.history.items.name(of: entry.candidate.item)), score: entry.score,
                rank: place + 1,
                propensity: 1, reason: entry.reason)
        }
        return Answer(mode: mode.mode, items: items, isFallback: mode.isFallback, unknown: unknown)
    }

    /// A mode that has nothing to go on becomes `cold_start`, and says so.
    private func resolved(
        _ mode: RecommendationMode, context: [Int], evidence: UserEvidence
    ) -> (mode: RecommendationMode, isFallback: Bool) {
        switch mode {
        case .auto:
            if !context.isEmpty { return (context.count == 1 ? .similarity : .crossSell, false) }
            return (evidence.past.isEmpty ? .coldStart : .recency, false)
        case .coldStart: return (.coldStart, false)
        case .similarity, .crossSell: return context.isEmpty ? (.coldStart, true) : (mode, false)
        case .recency: return evidence.past.isEmpty ? (.coldStart, true) : (.recency, false)
        }
    }

    /// The last items decide: weights fall by e every two items back, the long-term factors are the prior mean of the fold-in.
    private func led(by evidence: UserEvidence) -> UserEvidence {
        let newest = evidence.past.sorted { ($0.lastMinutes, $0.item) > ($1.lastMinutes, $1.item) }
            .prefix(SessionState.capacity)
        let weighted = newest.enumerated().map { back, item in
            PastItem(
                item: item.item, confidence: Float(expOf(-Double(back) / 2)), count: item.count,
                recency: Float(expOf(-Double(back) / 2)), lastMinutes: item.lastMinutes)
        }
        let factors = snapshot.foldIn.user(
            entries: weighted.map(\.item), confidences: weighted.map(\.confidence), prior: evidence.factors)
        return UserEvidence(factors: factors, past: weighted)
    }

    private func ranked(
        _ evidence: UserEvidence, _ weights: ChannelWeights, limit: Int, withPast: Bool, past: [PastItem],
        forbidden: Set<Int>
    ) -> [(candidate: Candidate, score: Double, reason: String)] {
        let closed = withPast ? forbidden : forbidden.union(past.map { Int($0.item) })
        return snapshot.scorer.candidates(
            for: evidence, count: max(100, limit), withPast: true, isEligible: { !closed.contains($0) }
        ).ranked(weights, limit: limit).map { ($0.candidate, $0.score, Self.reason($0.candidate, weights)) }
    }

    /// The channel that gave most of a score.
    private static func reason(_ candidate: Candidate, _ weights: ChannelWeights) -> String {
        let parts = Channel.allCases.map { (channel: $0, part: Double(candidate.channels[$0.rawValue]) * weights[$0]) }
        return parts.max { $0.part < $1.part }.map { $0.part > 0 ? $0.channel.name : "catalogue" } ?? "catalogue"
    }

    /// Items whose factors and attributes point the same way: mean of the two cosines, or the one there is.
    private func similar(
        to context: [Int], limit: Int, forbidden: Set<Int>
    ) -> [(candidate: Candidate, score: Double, reason: String)] {
        let items = snapshot.factors.items
        var direction = [Float](repeating: 0, count: items.columns)
        for row in context {
            for (k, value) in items[row: row].enumerated() { direction[k] += value * snapshot.itemScale[row] }
        }
        let length = direction.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
        if length > 0 { for k in direction.indices { direction[k] /= Float(length) } }
        var rows = Set(
            items.largest(
                max(200, limit), query: direction, scale: snapshot.itemScale, where: { !forbidden.contains($0) }
            ).map(\.row))
        let evidence = UserEvidence(factors: nil, past: context.map { Self.once($0) })
        for row in snapshot.scorer.togetherScores(evidence.past).touched where !forbidden.contains(Int(row)) {
            rows.insert(Int(row))
        }
        var found: [(candidate: Candidate, score: Double, reason: String)] = []
        for candidate in snapshot.scorer.scored(rows.sorted(), user: evidence) {
            let cosine = Double(items.dot(row: candidate.item, direction) * snapshot.itemScale[candidate.item])
            let content = Double(candidate.channels[Channel.content.rawValue])
            found.append((candidate: candidate, score: (cosine + content) / 2, reason: "similar"))
        }
        found.sort { a, b in a.score != b.score ? a.score > b.score : a.candidate.item < b.candidate.item }
        return Array(found.prefix(limit))
    }

    /// What goes with a basket: the random walk from its items; taste of the basket and recent sales fill the places behind.
    private func complements(
        of context: [Int], limit: Int, forbidden: Set<Int>
    ) -> [(candidate: Candidate, score: Double, reason: String)] {
        let past = context.map { Self.once($0) }.sorted { $0.item < $1.item }
        let factors = snapshot.foldIn.user(entries: past.map(\.item), confidences: past.map(\.confidence))
        let weights = ChannelWeights(
            taste: 0.2, boughtTogether: 1, content: 0, ownHistory: 0, trending: 0.02, popular: 0.01)
        return ranked(
            UserEvidence(factors: factors, past: past), weights, limit: limit, withPast: true, past: [],
            forbidden: forbidden)
    }

    private static func once(_ row: Int) -> PastItem {
        PastItem(item: Int32(row), confidence: 1, count: 1, recency: 1, lastMinutes: 0)
    }
}
