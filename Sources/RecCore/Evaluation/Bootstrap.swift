// How far a mean over users may be off: the percentile bootstrap.

/// The middle 95 % of the resampled means.
public struct Interval: Sendable, Hashable, Codable {
    /// The lower end.
    public let low: Double
    /// The upper end.
    public let high: Double
    /// An interval that is known already.
    public init(low: Double, high: Double) { (self.low, self.high) = (low, high) }
    /// Half of its width.
    public var margin: Double { (high - low) / 2 }
}

/// The figures of the users of one reserved window.
struct WindowFigures {
    /// A number of each user, the same in every window.
    let users: [Int]
    /// Figures of each user, an array a column, all as long as `users`.
    let columns: [[UserFigures]]
}

/// Resamples users with replacement (Efron, Bootstrap methods, Annals of Statistics 1979), the same users for every column, so
/// that differences between columns have intervals too. A user of several windows is drawn with all of them (Field and Welsh,
/// Bootstrapping clustered data, JRSS B 2007): two windows with the same users know no more than one.
enum Bootstrap {
    static let resamples = 1000
    static let seed: UInt64 = 20

    /// Each column's mean over the windows of the mean over their users, of every resample: resamples x columns; empty for
    /// fewer than two users.
    /// - Complexity: O(resamples * (users + users' windows * columns)).
    static func means(_ windows: [WindowFigures], resamples: Int = resamples) -> [[UserFigures]] {
        let columns = windows.first?.columns.count ?? 0
        var rows: [Int: [(window: Int, place: Int)]] = [:]
        for (window, figures) in windows.enumerated() {
            for (place, user) in figures.users.enumerated() { rows[user, default: []].append((window, place)) }
        }
        let users = rows.keys.sorted().map { rows[$0] ?? [] }
        guard users.count > 1, columns > 0 else { return [] }
        let result = Column<UserFigures>(resamples * columns) { buffer in
            buffer.initialize(repeating: .zero)
            guard let base = buffer.baseAddress else { return }
            let output = DisjointRows(base: base)
            forEachRange(resamples, grain: 20) { range in
                for sample in range {
                    var generator = SplitMix64(seed: seed &+ UInt64(sample))
                    var sums = [UserFigures](repeating: .zero, count: windows.count * columns)
                    var counts = [Float](repeating: 0, count: windows.count)
                    for _ in users {
                        for (window, place) in users[Int.random(in: 0..<users.count, using: &generator)] {
                            counts[window] += 1
                            for column in 0..<columns {
                                sums[window * columns + column] += windows[window].columns[column][place]
                            }
                        }
                    }
                    let drawn = counts.indices.filter { counts[$0] > 0 }
                    for window in drawn {
                        for column in 0..<columns {
                            output.base[sample * columns + column] +=
                                sums[window * columns + column] / (counts[window] * Float(drawn.count))
                        }
                    }
                }
            }
        }
        return (0..<resamples).map { sample in (0..<columns).map { result[sample * columns + $0] } }
    }

    /// The 2.5th and 97.5th percentile.
    static func interval(_ values: [Double]) -> Interval? {
        guard values.count >= 40 else { return nil }
        let sorted = values.sorted()
        let last = Double(sorted.count - 1)
        return Interval(
            low: sorted[Int((0.025 * last).rounded(.down))], high: sorted[Int((0.975 * last).rounded(.up))])
    }
}
