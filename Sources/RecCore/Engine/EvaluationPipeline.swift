// Judging a model on events it has not seen, next to the baselines.
import Synchronization

/// One line of a report.
public struct EvaluationRow: Sendable {
    public let name: String
    /// Metric to mean over users.
    public let metrics: [String: Double]
}

/// What an evaluation found.
public struct EvaluationReport: Sendable {
    /// First moment of the reserved window; `nil` for a random hold-out.
    public let cut: Timestamp?
    public let users: Int
    public let usersWithHistory: Int
    /// The model first, then the baselines.
    public let rows: [EvaluationRow]
    public static var metricNames: [String] {
        ["MAP@12", "Recall@20", "NDCG@20", "HitRate@12", "Coverage@12", "Novelty@12"]
    }
}

/// Scores a snapshot and the baselines on a split; the snapshot must have been trained on its training events.
public struct EvaluationPipeline: Sendable {
    public let snapshot: ModelSnapshot
    public init(_ snapshot: ModelSnapshot) { self.snapshot = snapshot }

    /// Ranks the whole catalogue for every test user.
    /// - Parameter weekCounts: events of each item in the last week before the cut.
    public func run(
        _ split: HistorySplit, weekCounts: [Float],
        report: @escaping @Sendable (_ done: Int, _ of: Int) -> Void = { _, _ in }
    )
        -> EvaluationReport
    {
        let repeats = snapshot.configuration.repeats
        let baselines = Baselines(snapshot.history, weekCounts: weekCounts)
        let users = split.test.keys.sorted()
        let lists = lists(for: users, count: 100, report: report)
        var events: [Int32: Int] = [:]
        for (item, count) in snapshot.history.itemEvents.enumerated() { events[Int32(item)] = Int(count) }
        func metrics(_ list: (Int) -> [Int32]) -> [String: Double] {
            var metrics = RankingMetrics<Int32>(catalogueSize: snapshot.history.items.count, events: events)
            for (place, user) in users.enumerated() {
                metrics.add(predicted: list(place), relevant: split.test[user] ?? [])
            }
            return metrics.results
        }
        var rows = [EvaluationRow(name: "hybrid model", metrics: metrics { lists[$0] })]
        for name in Baselines.Name.allCases {
            rows.append(
                EvaluationRow(
                    name: name.rawValue,
                    metrics: metrics { baselines.list(name, for: users[$0], count: 100, withPast: repeats) }))
        }
        return EvaluationReport(
            cut: split.cut, users: users.count,
            usersWithHistory: users.count { !snapshot.history.matrix.range(of: $0).isEmpty }, rows: rows)
    }

    /// Item rows for user rows, best first. A row outside the model's users gets the list of an unknown user.
    /// - Parameter candidates: the only items allowed for `users[place]`; `nil` = all.
    public func lists(
        for users: [Int], count: Int, candidates: @escaping @Sendable (_ place: Int) -> Set<Int32>? = { _ in nil },
        report: @escaping @Sendable (_ done: Int, _ of: Int) -> Void = { _, _ in }
    ) -> [[Int32]] {
        let results = Mutex([[Int32]](repeating: [], count: users.count))
        let done = Mutex(0)
        let repeats = snapshot.configuration.repeats
        forEachRange(users.count, grain: 32) { range in
            let scratch = snapshot.scorer.makeScratch()
            for place in range {
                let list = snapshot.ranking(
                    for: snapshot.evidence(ofRow: users[place]), limit: count, withPast: repeats,
                    only: candidates(place).map { $0.map(Int.init).sorted() }, scratch: scratch
                ).map { Int32($0.item) }
                results.withLock { $0[place] = list }
            }
            let total = done.withLock { done -> Int in
                done += range.count
                return done
            }
            report(total, users.count)
        }
        return results.withLock { $0 }
    }
}
