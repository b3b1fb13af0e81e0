// What a model must beat: lists that need no model, and each of its parts alone.

/// The honest baselines, all from the data and parts of one snapshot.
public struct Baselines: Sendable {
    /// The ways to recommend that a model has to beat; the raw value is the line's name in reports.
    public enum Name: String, Sendable, CaseIterable {
        /// Items by all their events.
        case popularAllTime = "popular, all time"
        /// Items by their events in the last seven days of the training events.
        case popularLastWeek = "popular, last week"
        /// The user's own items first, then ``popularLastWeek``.
        case ownHistory = "own history, then popular last week"
        /// Sum over the past of |U_i and U_j| / sqrt(n_i n_j), over the neighbours that ``ItemNeighbours`` keeps of each item:
        /// those with the most walks between them.
        case itemKNN = "item kNN (cosine)"
        /// Random walk item, user, item: P3 (Cooper et al., WWW 2014).
        case randomWalk = "random walk (P3)"
        /// ``ItemRegression``, where the catalogue is small enough.
        case regression = "item regression (EDLAE)"
        /// Inner products of the factors.
        case factors = "factors alone (iALS)"
        /// Items by chance, the same for a user at every call.
        case random = "random"
    }

    private let snapshot: ModelSnapshot
    private var history: InteractionHistory { snapshot.history }
    private let allTime: [Int32]
    private let lastWeek: [Int32]

    /// - Parameters:
    ///   - snapshot: whose parts the baselines are made of.
    ///   - weekCounts: events of each item in the last seven days of the training events.
    public init(_ snapshot: ModelSnapshot, weekCounts: [Float]) {
        func ordered(_ counts: some RandomAccessCollection<Float>) -> [Int32] {
            counts.enumerated().filter { $0.element > 0 }
                .sorted { $0.element != $1.element ? $0.element > $1.element : $0.offset < $1.offset }
                .map { Int32($0.offset) }
        }
        self.snapshot = snapshot
        allTime = ordered(snapshot.history.itemEvents)
        lastWeek = ordered(weekCounts)
    }

    /// The baselines that the snapshot has the parts for.
    public var names: [Name] {
        Name.allCases.filter { $0 != .regression || snapshot.regression.matrix.entryCount > 0 }
    }

    /// - Parameters:
    ///   - name: which baseline.
    ///   - user: row of the user.
    ///   - count: items at most.
    ///   - withPast: false where nothing is taken twice: then the user's past is left out.
    /// - Complexity: O(count) for popularity, O(|past| * neighbours + items) for neighbours, O(items * d) for factors.
    public func list(_ name: Name, for user: Int, count: Int, withPast: Bool) -> [Int32] {
        let past = history.past(of: user)
        var result: [Int32] = []
        var taken: Set<Int32> = withPast ? [] : Set(past.map(\.item))
        func fill(_ items: some Sequence<Int32>) {
            for item in items {
                if result.count == count { return }
                if taken.insert(item).inserted { result.append(item) }
            }
        }
        func fillBest(_ scores: [Float]) {
            var best = TopK(capacity: count)
            for (row, score) in scores.enumerated() where score > 0 && score >= best.threshold {
                if !taken.contains(Int32(row)) { best.offer(ScoredRow(row: row, score: score)) }
            }
            fill(best.sorted().map { Int32($0.row) })
            fill(lastWeek)
        }
        switch name {
        case .popularAllTime: break
        case .popularLastWeek: fill(lastWeek)
        case .ownHistory:
            fill(past.sorted { ($0.lastMinutes, $0.count, $1.item) > ($1.lastMinutes, $1.count, $0.item) }.map(\.item))
            fill(lastWeek)
        case .itemKNN:
            let (sizes, together) = (snapshot.neighbours.sizes, snapshot.neighbours.together)
            fillBest(
                sums(snapshot.neighbours.matrix, past) { item, other, entry in
                    together[entry] / max(1, sizes[item] * sizes[other]).squareRoot()
                })
        case .randomWalk:
            let (sizes, walks) = (snapshot.neighbours.sizes, snapshot.neighbours.matrix.values)
            fillBest(sums(snapshot.neighbours.matrix, past) { item, _, entry in walks[entry] / max(1, sizes[item]) })
        case .regression:
            let weights = snapshot.regression.matrix.values
            fillBest(sums(snapshot.regression.matrix, past) { _, _, entry in weights[entry] })
        case .factors:
            if !past.isEmpty {
                fillBest(snapshot.factors.items.multiplied(byVector: snapshot.factors.users[row: user]))
            }
            fill(lastWeek)
        case .random:
            var generator = SplitMix64(seed: UInt64(user) &+ 1)
            let items = history.items.count
            var tries = 0
            while result.count < min(count, items), tries < 20 * count {
                fill(CollectionOfOne(Int32(Int.random(in: 0..<items, using: &generator))))
                tries += 1
            }
        }
        fill(allTime)
        return result
    }

    private func sums(
        _ matrix: InteractionMatrix, _ past: [PastItem], _ value: (_ item: Int, _ other: Int, _ entry: Int) -> Float
    ) -> [Float] {
        var sums = [Float](repeating: 0, count: matrix.columns)
        for item in past {
            for entry in matrix.range(of: Int(item.item)) {
                let other = Int(matrix.indices[entry])
                sums[other] += value(Int(item.item), other, entry)
            }
        }
        return sums
    }
}
