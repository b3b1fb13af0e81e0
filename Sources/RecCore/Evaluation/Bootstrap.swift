// How far a mean over users may be off: the percentile bootstrap.

/// The middle 95 % of the resampled means.
public struct Interval: Sendable, Hashable, Codable {
    public let low: Double
    public let high: Double
    public init(low: Double, high: Double) { (self.low, self.high) = (low, high) }
    /// Half of its width.
    public var margin: Double { (high - low) / 2 }
}

/// Resamples users with replacement (Efron, Bootstrap methods, Annals of Statistics 1979), the same users for every column, so
/// that differences between columns have intervals too.
enum Bootstrap {
    static let resamples = 1000
    static let seed: UInt64 = 20

    /// Means of every resample: resamples x columns; empty for fewer than two users.
    /// - Parameter columns: figures of each user, one array a column, all of one length.
    /// - Complexity: O(resamples * users * columns).
    static func means(_ columns: [[UserFigures]], resamples: Int = resamples) -> [[UserFigures]] {
        guard let users = columns.first?.count, users > 1 else { return [] }
        let result = Column<UserFigures>(resamples * columns.count) { buffer in
            buffer.initialize(repeating: .zero)
            guard let base = buffer.baseAddress else { return }
            let output = DisjointRows(base: base)
            forEachRange(resamples, grain: 20) { range in
                for sample in range {
                    var generator = SplitMix64(seed: seed &+ UInt64(sample))
                    let sums = output.base + sample * columns.count
                    for _ in 0..<users {
                        let user = Int.random(in: 0..<users, using: &generator)
                        for column in columns.indices { sums[column] += columns[column][user] }
                    }
                    for column in columns.indices { sums[column] /= Float(users) }
                }
            }
        }
        return (0..<resamples).map { sample in (0..<columns.count).map { result[sample * columns.count + $0] } }
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
