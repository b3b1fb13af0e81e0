// Judging a model on events it has not seen, next to the baselines.
import Synchronization

/// Scores a snapshot and the baselines on a split; the snapshot must have been trained on its training events.
public struct EvaluationPipeline: Sendable {
    /// The model that is judged.
    public let snapshot: ModelSnapshot
    /// - Parameter snapshot: trained on the training events of the split, and on no other.
    public init(_ snapshot: ModelSnapshot) { self.snapshot = snapshot }

    /// Ranks the whole catalogue for every test user.
    /// - Parameters:
    ///   - split: what was learned from, and what is asked for.
    ///   - weekCounts: events of each item in the last week before the cut.
    ///   - report: lists made, of how many: the model's and those of every baseline.
    public func run(
        _ split: HistorySplit, weekCounts: [Float],
        report: @escaping @Sendable (_ done: Int, _ of: Int) -> Void = { _, _ in }
    )
        -> EvaluationReport
    {
        let baselines = Baselines(snapshot, weekCounts: weekCounts)
        let users = split.test.keys.sorted()
        let relevant = users.map { split.test[$0] ?? [] }
        let names = ["hybrid model"] + baselines.names.map(\.rawValue)
        let total = users.count * names.count
        var lists = [self.lists(for: users, count: 100, report: { done, _ in report(done, total) })]
        for name in baselines.names {
            let before = users.count * lists.count
            lists.append(self.lists(of: name, baselines, users) { report(before + $0, total) })
        }
        let figures = WindowFigures(
            users: users, columns: lists.map { list in zip(list, relevant).map { UserMetric.figures($0, $1) } })
        var events: [Int32: Int] = [:]
        for (item, count) in snapshot.history.itemEvents.enumerated() { events[Int32(item)] = Int(count) }
        let extra = lists.map { list in
            var metrics = RankingMetrics<Int32>(catalogueSize: snapshot.history.items.count, events: events)
            for (list, relevant) in zip(list, relevant) { metrics.add(predicted: list, relevant: relevant) }
            return metrics.results.filter { $0.key == "Coverage@12" || $0.key == "Novelty@12" }
        }
        let pasts = users.map { snapshot.history.matrix.range(of: $0).count }
        func segment(_ name: String, _ isIn: (Int) -> Bool) -> EvaluationSegment {
            let places = pasts.indices.filter { isIn(pasts[$0]) }
            return EvaluationSegment(
                name: name, users: places.count,
                rows: places.isEmpty
                    ? []
                    : EvaluationRow.make(
                        names,
                        [
                            WindowFigures(
                                users: places.map { users[$0] },
                                columns: figures.columns.map { column in places.map { column[$0] } })
                        ]))
        }
        return EvaluationReport(
            cut: split.cut, last: split.last, users: users.count, usersWithHistory: pasts.count { $0 > 0 },
            rows: EvaluationRow.make(names, [figures], extra: extra),
            segments: [
                segment("warm") { $0 >= 5 }, segment("few") { (1..<5).contains($0) }, segment("none") { $0 == 0 },
                coldItems(names, lists, relevant),
            ], figures: figures, names: names)
    }

    /// Users who took an item without a training event, judged by these items alone.
    private func coldItems(
        _ names: [String], _ lists: [[[Int32]]], _ relevant: [Set<Int32>]
    ) -> EvaluationSegment {
        let cold = relevant.map { $0.filter { snapshot.history.itemEvents[Int($0)] == 0 } }
        let places = cold.indices.filter { !cold[$0].isEmpty }
        return EvaluationSegment(
            name: "cold items", users: places.count,
            rows: places.isEmpty
                ? []
                : EvaluationRow.make(
                    names,
                    [
                        WindowFigures(
                            users: places,
                            columns: lists.map { list in places.map { UserMetric.figures(list[$0], cold[$0]) } })
                    ]))
    }

    private func lists(
        of name: Baselines.Name, _ baselines: Baselines, _ users: [Int],
        report: @escaping @Sendable (_ done: Int) -> Void
    ) -> [[Int32]] {
        let results = Mutex([[Int32]](repeating: [], count: users.count))
        let done = Mutex(0)
        let repeats = snapshot.configuration.repeats
        forEachRange(users.count, grain: 64) { range in
            for place in range {
                let list = baselines.list(name, for: users[place], count: 100, withPast: repeats)
                results.withLock { $0[place] = list }
            }
            report(
                done.withLock { done -> Int in
                    done += range.count
                    return done
                })
        }
        return results.withLock { $0 }
    }

    /// Item rows for user rows, best first. A row outside the model's users gets the list of an unknown user.
    /// - Parameters:
    ///   - users: user rows.
    ///   - count: items of a list at most.
    ///   - candidates: the only items allowed for `users[place]`; `nil` = all.
    ///   - closed: rows of items that nobody may get.
    ///   - report: lists made, of how many.
    public func lists(
        for users: [Int], count: Int, candidates: @escaping @Sendable (_ place: Int) -> Set<Int32>? = { _ in nil },
        closed: Set<Int> = [], report: @escaping @Sendable (_ done: Int, _ of: Int) -> Void = { _, _ in }
    ) -> [[Int32]] {
        let results = Mutex([[Int32]](repeating: [], count: users.count))
        let done = Mutex(0)
        let repeats = snapshot.configuration.repeats
        forEachRange(users.count, grain: 32) { range in
            for place in range {
                let list = snapshot.ranking(
                    for: snapshot.evidence(ofRow: users[place]), limit: count, withPast: repeats,
                    only: candidates(place).map { $0.map(Int.init).sorted() },
                    isEligible: { !closed.contains($0) }
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
