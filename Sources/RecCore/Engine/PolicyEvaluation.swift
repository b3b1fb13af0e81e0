// What policies cost and bring on events that the model has not seen.
import Synchronization

/// One policy's figures.
public struct PolicyFigures: Sendable {
    /// The policy that is judged.
    public let policy: ComposedPolicy
    /// Mean over users and draws, with the denominator min(items taken, 12).
    public let map12: Double
    /// Its middle 95 % over resampled users.
    public let map12Interval: Interval?
    /// Taken items among the first 12 that are none of the head's, a user.
    public let tailHits: Double
    /// The middle 95 % of ``tailHits`` over resampled users.
    public let tailHitsInterval: Interval?
    /// Different items in all lists of one draw / catalogue.
    public let coverage: Double
    /// Mean of -log2(share of events) of the items shown.
    public let novelty: Double
    /// 1 - mean cosine of the factors of two items of a list.
    public let diversity: Double
    /// Of one slate, nanoseconds.
    public let nanoseconds: Double
}

/// Ranks for the users of a split by many policies, from the same candidates.
public struct PolicyEvaluation: Sendable {
    /// The model whose candidates the policies rank.
    public let snapshot: ModelSnapshot
    /// Places of each list.
    public var slate = 12
    /// Candidates of each user: what every policy sees.
    public var candidates = 100
    /// Slates drawn for each user by a policy that is not deterministic.
    public var draws = 5
    /// Share of the items, the most taken first, that is the head.
    public var head = 0.05
    /// Of the draws; the same seed gives the same lists.
    public var seed: UInt64 = 1

    /// - Parameter snapshot: trained on the training events of the split, and on no other.
    public init(_ snapshot: ModelSnapshot) { self.snapshot = snapshot }

    private struct UserResult {
        var precision: [Float] = []
        var tailHits: [Float] = []
        /// Of the first draw.
        var shown: [[Int32]] = []
        var dissimilarity: [Float] = []
        var nanoseconds: [Double] = []
    }

    /// ``run(users:relevant:policies:clock:report:)`` on a thread of its own.
    public func figures(
        users: [Int], relevant: [Set<Int32>], policies: [ComposedPolicy],
        clock: @escaping @Sendable () -> Double = { 0 },
        report: @escaping @Sendable (_ done: Int, _ of: Int) -> Void = { _, _ in }
    ) async -> [PolicyFigures] {
        await HeavyWork.run {
            run(users: users, relevant: relevant, policies: policies, clock: clock, report: report)
        }
    }

    /// - Parameters:
    ///   - users: user rows.
    ///   - relevant: of each of `users`, what it took.
    ///   - policies: without quotas, as a model does not know the catalogue's columns.
    ///   - clock: in nanoseconds, for the cost of a slate.
    ///   - report: users that are done, of how many.
    /// - Complexity: O(users * (candidates of one request + policies * draws * candidates)).
    public func run(
        users: [Int], relevant: [Set<Int32>], policies: [ComposedPolicy],
        clock: @escaping @Sendable () -> Double = { 0 },
        report: @escaping @Sendable (_ done: Int, _ of: Int) -> Void = { _, _ in }
    ) -> [PolicyFigures] {
        let columns = policies.reduce(into: CandidateColumns.directions) { $0.formUnion($1.columns) }
        var options = SlateOptions(candidates: candidates, withPast: snapshot.configuration.repeats)
        // As on the first day of a server: nothing was shown yet.
        options.isUnderexposed = { [snapshot] in YoungItems.isYoung($0, in: snapshot.history) }
        let tail = tailItems()
        let settled = options
        let results = Mutex([UserResult?](repeating: nil, count: users.count))
        let done = Mutex(0)
        forEachRange(users.count, grain: 32) { range in
            for place in range {
                let evidence = snapshot.evidence(ofRow: users[place])
                let (candidates, rows) = snapshot.slateCandidates(for: evidence, columns: columns, options: settled)
                // What a policy does not look at is not handed to it, so that its time is its own.
                let plain = candidates.directed([])
                let taken = relevant[place]
                var result = UserResult()
                for policy in policies {
                    let count = policy.isDeterministic ? 1 : draws
                    let seen = policy.columns.contains(.directions) ? candidates : plain
                    var (precision, hits, similar, time) = (0.0, 0.0, 0.0, 0.0)
                    for draw in 0..<count {
                        let seed = slateSeed(request: "\(users[place])/\(draw)", model: "", seed: seed)
                        let start = clock()
                        let chosen = policy.slate(from: seen, length: slate, seed: seed).places
                        time += clock() - start
                        let list = chosen.map { rows[$0] }
                        precision += RankingMetrics<Int32>.averagePrecision(list, taken, at: 12)
                        hits += Double(list.prefix(12).count { taken.contains($0) && tail[Int($0)] })
                        if draw == 0 {
                            result.shown.append(list)
                            similar = Self.meanCosine(chosen, candidates)
                        }
                    }
                    result.precision.append(Float(precision / Double(count)))
                    result.tailHits.append(Float(hits / Double(count)))
                    result.dissimilarity.append(Float(1 - similar))
                    result.nanoseconds.append(time / Double(count))
                }
                results.withLock { [result] in $0[place] = result }
            }
            let total = done.withLock { done -> Int in
                done += range.count
                return done
            }
            report(total, users.count)
        }
        let rows = results.withLock { $0.compactMap { $0 } }
        return policies.indices.map { figures(of: policies[$0], at: $0, rows, users) }
    }

    /// Whether each item is outside the head: the most taken first, equal ones by row.
    private func tailItems() -> [Bool] {
        let events = snapshot.history.itemEvents
        let order = events.indices.sorted { (events[$0], $1) > (events[$1], $0) }
        var isTail = [Bool](repeating: true, count: events.count)
        for row in order.prefix(Int((head * Double(events.count)).rounded())) { isTail[row] = false }
        return isTail
    }

    private static func meanCosine(_ places: [Int], _ candidates: SlateCandidates) -> Double {
        var (sum, pairs) = (0.0, 0.0)
        for (a, first) in places.enumerated() {
            for second in places.dropFirst(a + 1) {
                sum += candidates.cosine(first, second)
                pairs += 1
            }
        }
        return pairs > 0 ? sum / pairs : 0
    }

    private func figures(
        of policy: ComposedPolicy, at place: Int, _ rows: [UserResult], _ users: [Int]
    ) -> PolicyFigures {
        let column = rows.map { row -> UserFigures in
            UserFigures(row.precision[place], row.tailHits[place], 0, 0, 0, 0, 0, 0)
        }
        let samples = Bootstrap.means([WindowFigures(users: users, columns: [column])])
        var metrics = RankingMetrics<Int32>(
            catalogueSize: snapshot.history.items.count,
            events: Dictionary(
                uniqueKeysWithValues: snapshot.history.itemEvents.enumerated().map { (Int32($0), Int($1)) }))
        for row in rows { metrics.add(predicted: row.shown[place], relevant: [-1]) }
        func mean(_ values: some Sequence<Double>) -> Double { values.reduce(0, +) / Double(max(1, rows.count)) }
        return PolicyFigures(
            policy: policy, map12: mean(rows.lazy.map { Double($0.precision[place]) }),
            map12Interval: Bootstrap.interval(samples.map { Double($0[0][0]) }),
            tailHits: mean(rows.lazy.map { Double($0.tailHits[place]) }),
            tailHitsInterval: Bootstrap.interval(samples.map { Double($0[0][1]) }),
            coverage: metrics.results["Coverage@12"] ?? 0, novelty: metrics.results["Novelty@12"] ?? 0,
            diversity: mean(rows.lazy.map { Double($0.dissimilarity[place]) }),
            nanoseconds: mean(rows.lazy.map { $0.nanoseconds[place] }))
    }
}
