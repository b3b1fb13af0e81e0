// One request on one snapshot: the mode, the candidates, the list.

/// The synchronous part of a request. - Complexity: O(items * d), independent of the number of users.
struct SlateBuilder {
    let model: RecommendationEngine.ServedModel
    private var snapshot: ModelSnapshot { model.snapshot }

    struct Answer {
        var mode: RecommendationMode
        var items: [RecommendedItem]
        var drawn: Drawn
        var isFallback: Bool
        var unknown: [ItemID]
    }

    /// How the list came about, from its first place on.
    struct Drawn {
        var policy = ComposedPolicy.greedy
        var items: [ItemID] = []
        var logPropensities: [Double] = []
        /// `nil` for a policy that leaves nothing to chance.
        var candidates: SlateCandidates?
    }

    private struct Found {
        let item: Int
        let score: Double
        let reason: String
        var logPropensity = 0.0
        var explanation: Explanation?
    }

    private let rule: ItemFilter?
    private let explains: Bool
    private let drawing: Drawing

    /// How a list is drawn.
    struct Drawing {
        /// For a user with (false) or without (true) a past.
        var policy: @Sendable (_ isStranger: Bool) -> ComposedPolicy = { _ in .greedy }
        var seed: UInt64 = 0
        var exposures = ExposureCounts()
        /// Candidates that a policy sees.
        var candidates = 100
    }

    /// - Parameter rule: items that it refuses are never shown.
    init(
        model: RecommendationEngine.ServedModel, rule: ItemFilter? = nil, explains: Bool = false,
        drawing: Drawing = Drawing()
    ) {
        (self.model, self.rule, self.explains, self.drawing) = (model, rule, explains, drawing)
    }

    func answer(
        _ request: RecommendationRequest, events: [Interaction], attributes: [String: String]? = nil
    ) -> Answer {
        var context: [Int] = []
        var unknown: [ItemID] = []
        for item in request.items {
            if let row = snapshot.history.items.row(of: item.rawValue) {
                if !context.contains(row) { context.append(row) }
            } else {
                unknown.append(item)
            }
        }
        let evidence = snapshot.evidence(of: request.user, events: events, attributes: attributes)
        let mode = resolved(request.mode, context: context, evidence: evidence)
        let isList = mode.mode != .similarity && mode.mode != .crossSell
        let isPastOpen = request.allowSeen ?? (snapshot.configuration.repeats || !isList)
        let choice = Choice(
            open: open(request, context: context, past: isPastOpen ? [] : evidence.past),
            boosts: request.boosts.map { RowBoost(rows: model.rows(passing: $0.filter), amount: $0.amount) },
            limit: request.limit + request.offset)
        let found: [Found]
        var drawn = Drawn()
        switch mode.mode {
        case .similarity: found = similar(to: context, choice)
        case .crossSell: found = complements(of: context, choice)
        case .recency:
            found = listed(
                request.mode == .recency ? led(by: evidence) : evidence, choice, offset: request.offset, &drawn)
        case .coldStart, .auto:
            found = listed(
                UserEvidence(factors: nil, past: [], segments: evidence.segments), choice, offset: request.offset,
                &drawn)
        }
        drawn.items = found.map { ItemID(snapshot.history.items.name(of: $0.item)) }
        drawn.logPropensities = found.map(\.logPropensity)
        let items = found.enumerated().dropFirst(request.offset).map { place, entry in
            RecommendedItem(
                item: ItemID(snapshot.history.items.name(of: entry.item)), score: entry.score, rank: place + 1,
                logPropensity: entry.logPropensity, reason: entry.reason,
                explanation: entry.explanation.map(named))
        }
        return Answer(mode: mode.mode, items: items, drawn: drawn, isFallback: mode.isFallback, unknown: unknown)
    }

    /// What a list may be made of. Every rule is in it before anything is ranked: a list is short only when too few items are open.
    private struct Choice {
        let open: RowSet
        let boosts: [RowBoost]
        let limit: Int
        /// All open rows where they are few: then each of them is scored.
        let only: [Int]?
        private static let few = 1000

        init(open: RowSet, boosts: [RowBoost], limit: Int) {
            (self.open, self.boosts, self.limit) = (open, boosts, limit)
            only = open.memberCount <= Self.few ? open.rows : nil
        }
    }

    private func open(_ request: RecommendationRequest, context: [Int], past: [PastItem]) -> RowSet {
        var open = model.closed.inverted
        for filter in [rule, request.filter].compactMap({ $0 }) { open.formIntersection(model.rows(passing: filter)) }
        for item in request.excluding {
            if let row = snapshot.history.items.row(of: item.rawValue) { open.remove(row) }
        }
        for row in context { open.remove(row) }
        for item in past { open.remove(Int(item.item)) }
        return open
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
            let weight = Float(expOf(-Double(back) / 2))
            return PastItem(
                item: item.item, confidence: weight, count: item.count,
                freshness: Freshness(slow: weight, fast: weight, month: weight), lastMinutes: item.lastMinutes)
        }.sorted { $0.item < $1.item }
        let factors = snapshot.foldIn.user(
            entries: weighted.map(\.item), confidences: weighted.map(\.confidence), prior: evidence.factors)
        return UserEvidence(factors: factors, past: weighted, segments: evidence.segments)
    }

    /// A list for a user, drawn by the policy.
    private func listed(_ evidence: UserEvidence, _ choice: Choice, offset: Int, _ drawn: inout Drawn) -> [Found] {
        let policy = drawing.policy(evidence.past.isEmpty)
        drawn.policy = policy
        guard policy != .greedy else { return ranked(evidence, choice) }
        var options = SlateOptions(candidates: drawing.candidates, only: choice.only, boosts: choice.boosts)
        if let quota = policy.quota { options.group = model.attributes.groups(of: quota.column) }
        if let floor = policy.reserve?.floor {
            let (young, exposures, items) = (model.young, drawing.exposures, snapshot.history.items)
            let isUnderexposed = { @Sendable (row: Int) in
                young.contains(row) && exposures.isBelow(floor, ItemID(items.name(of: row)))
            }
            options.isUnderexposed = isUnderexposed
            options.including = young.some(seed: drawing.seed) { choice.open.contains($0) && isUnderexposed($0) }
        }
        let slate = snapshot.slate(
            for: evidence, length: choice.limit, policy: policy, seed: drawing.seed, options: options,
            isEligible: { choice.open.contains($0) })
        if !policy.isDeterministic { drawn.candidates = slate.candidates }
        if policy.reserve != nil {
            drawing.exposures.add(
                slate.items.dropFirst(offset).lazy.filter { model.young.contains($0.item) }.map {
                    ItemID(snapshot.history.items.name(of: $0.item))
                })
        }
        let explanations = explains ? snapshot.explanations(of: slate.items, for: evidence) : []
        return slate.items.enumerated().map { place, found in
            Found(
                item: found.item, score: found.score, reason: found.mainChannel?.name ?? "catalogue",
                logPropensity: slate.logPropensities[place], explanation: explains ? explanations[place] : nil)
        }
    }

    private func ranked(_ evidence: UserEvidence, _ choice: Choice, weights: SignalWeights? = nil) -> [Found] {
        let ranking = snapshot.ranking(
            for: evidence, limit: choice.limit, withPast: true, weights: weights, only: choice.only,
            boosts: choice.boosts, isEligible: { choice.open.contains($0) })
        let explanations = explains ? snapshot.explanations(of: ranking, for: evidence, weights: weights) : []
        return ranking.enumerated().map { place, found in
            Found(
                item: found.item, score: found.score, reason: found.mainChannel?.name ?? "catalogue",
                explanation: explains ? explanations[place] : nil)
        }
    }

    private func named(_ explanation: Explanation) -> ItemExplanation {
        ItemExplanation(
            channels: Dictionary(uniqueKeysWithValues: explanation.channels.map { ($0.key.name, $0.value) }),
            past: explanation.past.map {
                ItemExplanation.Amount(item: ItemID(snapshot.history.items.name(of: $0.item)), value: $0.value)
            }, withoutPast: explanation.withoutPast)
    }

    /// Items whose factors and attributes point the same way: half the sum of the two cosines.
    private func similar(to context: [Int], _ choice: Choice) -> [Found] {
        let items = snapshot.factors.items
        var direction = [Float](repeating: 0, count: items.columns)
        for row in context {
            for (k, value) in items[row: row].enumerated() { direction[k] += value * snapshot.itemScale[row] }
        }
        let length = direction.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
        if length > 0 { for k in direction.indices { direction[k] /= Float(length) } }
        func nearest(_ isOpen: (Int) -> Bool) -> [Int] {
            snapshot.cosines.largest(max(200, choice.limit), query: direction, in: items, where: isOpen).map(\.row)
        }
        var rows = Set(choice.only ?? nearest { choice.open.contains($0) })
        for isWanted in choice.only == nil ? choice.boosts.furtherRows : [] {
            rows.formUnion(nearest { choice.open.contains($0) && isWanted($0) })
        }
        for item in context {
            for matrix in [snapshot.neighbours.matrix, snapshot.contentNeighbours.matrix] {
                for entry in matrix.range(of: item) where choice.open.contains(Int(matrix.indices[entry])) {
                    rows.insert(Int(matrix.indices[entry]))
                }
            }
        }
        let past = UserEvidence(factors: nil, past: context.map { Self.once($0) })
        let candidates = snapshot.scorer.candidates(for: past, count: 0, withPast: true, only: rows.sorted())
        var best = TopK(capacity: choice.limit)
        for (place, item) in candidates.items.enumerated() {
            func signal(_ signal: Signal) -> Float { candidates.signals[place * Signal.count + signal.rawValue] }
            let cosine = items.dot(row: Int(item), direction) * snapshot.itemScale[Int(item)]
            let score = (cosine + signal(.content) + signal(.newContent)) / 2
            best.offer(ScoredRow(row: Int(item), score: score + choice.boosts.amount(of: Int(item))))
        }
        return best.sorted().map { Found(item: $0.row, score: Double($0.score), reason: "similar") }
    }

    /// What goes with a basket: the random walk from its items; taste of the basket and recent sales fill the places behind.
    private func complements(of context: [Int], _ choice: Choice) -> [Found] {
        let past = context.map { Self.once($0) }.sorted { $0.item < $1.item }
        let factors = snapshot.foldIn.user(entries: past.map(\.item), confidences: past.map(\.confidence))
        var weights = SignalWeights(
            base: Array(repeating: 0, count: Signal.count), slope: Array(repeating: 0, count: Signal.count))
        (weights[.walk], weights[.graph]) = (0.5, 0.5)
        weights[.taste] = 0.2
        weights[.popularWeek] = 0.05
        return ranked(UserEvidence(factors: factors, past: past), choice, weights: weights)
    }

    private static func once(_ row: Int) -> PastItem {
        PastItem(item: Int32(row), confidence: 1, count: 1, freshness: .now, lastMinutes: 0)
    }
}
