// When a factorisation has learned what the validation users can tell.
import Synchronization

/// Follows MAP@12 of the factors alone over the sweeps, and says when it has stopped to rise.
final class EarlyStop {
    /// Sweeps without a gain after which the factorisation ends.
    static let patience = 3
    /// A gain smaller than this share of the best is none.
    static let leastGain = 0.002
    static let mostUsers = 1000
    /// Sweeps that are made whatever the users tell.
    static let leastSweeps = 5

    private let users: [Int]
    private let test: [Int: Set<Int32>]
    private let history: InteractionHistory
    private let withPast: Bool
    private(set) var bestSweep = 0
    private(set) var best = -1.0

    init(_ split: HistorySplit, _ history: InteractionHistory, withPast: Bool) {
        users = Array(
            split.test.keys.filter { !history.matrix.range(of: $0).isEmpty }.sorted().prefix(Self.mostUsers))
        (test, self.history, self.withPast) = (split.test, history, withPast)
    }

    /// - Returns: true when the factorisation may end.
    /// - Complexity: O(1000 * items * d).
    func isOver(_ sweep: Int, _ factors: Factors) -> Bool {
        guard users.count >= HistoryBuilder.enoughUsers else { return false }
        let found = map(factors)
        if found > best * (1 + Self.leastGain) { (best, bestSweep) = (found, sweep) }
        return sweep - bestSweep >= Self.patience
    }

    private func map(_ factors: Factors) -> Double {
        let sums = Mutex([Double](repeating: 0, count: users.count))
        let (users, test, history, withPast) = (users, test, history, withPast)
        forEachRange(users.count, grain: 16) { range in
            for place in range {
                let user = users[place]
                let past = withPast ? [] : Set(history.matrix.range(of: user).map { history.matrix.indices[$0] })
                let relevant = (test[user] ?? []).subtracting(past)
                var best = TopK(capacity: 12)
                for (row, score) in factors.items.multiplied(byVector: factors.users[row: user]).enumerated()
                where score >= best.threshold && !past.contains(Int32(row)) {
                    best.offer(ScoredRow(row: row, score: score))
                }
                let value = RankingMetrics<Int32>.averagePrecision(
                    best.sorted().map { Int32($0.row) }, relevant, at: 12)
                sums.withLock { $0[place] = value }
            }
        }
        return sums.withLock { $0.reduce(0, +) } / Double(users.count)
    }
}
