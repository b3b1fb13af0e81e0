// How unsure the model is of an item's score.

/// The items' side of the posterior: with the equations of training an item's factors have precision A_i = a_i W'W + sum of c w w' +
/// r I, and the variance of its inner product with a user is w_u' A_i^-1 w_u (ICF, Zhao, Zhang and Wang, CIKM 2013). Here W'W is
/// taken by its diagonal over a sample of users, and an item's events as a sample of all users, so that
/// A_i = diag((a + n_i / |U|) g_k + r): one number for each power of two of events, computed once a request.
struct ItemUncertainty: Sendable {
    /// Diagonal of W'W, summed over all users.
    private let gram: [Double]
    private let users: Double
    private let unobserved: Double
    private let regularization: Double
    /// Users whose factors are looked at, at most: in runs, as factors lie in pages.
    private static let sample = 16_384
    private static let run = 256
    private static let levels = 40

    init(_ factors: Factors, _ configuration: ALSConfiguration) {
        let rows = factors.users.rows
        let pace = max(1, rows / Self.sample)
        var gram = [Double](repeating: 0, count: factors.users.columns)
        var seen = 0.0
        for row in 0..<rows where row / Self.run % pace == 0 {
            for (k, value) in factors.users[row: row].enumerated() { gram[k] += Double(value) * Double(value) }
            seen += 1
        }
        self.gram = gram.map { $0 * Double(rows) / max(1, seen) }
        users = Double(max(1, rows))
        unobserved = configuration.unobservedWeight
        regularization = configuration.regularization
    }

    /// Standard deviation of a user's inner product with an item, by the power of two of its events.
    /// - Complexity: O(40 d).
    func deviations(of user: [Float]) -> [Double] {
        (0..<Self.levels).map { level in
            let share = PortableMath.exp(Double(level) * 0.6931471805599453) / users
            var sum = 0.0
            for (k, value) in user.enumerated() where k < gram.count {
                let square = Double(value) * Double(value)
                sum += square / max(1e-9, (unobserved + share) * gram[k] + regularization)
            }
            return sum.squareRoot()
        }
    }

    /// The power of two of a number of events; none counts as one.
    static func level(_ events: Int) -> Int { min(levels - 1, Int.bitWidth - 1 - max(1, events).leadingZeroBitCount) }
}
