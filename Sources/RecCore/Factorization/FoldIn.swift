// A user's factors from a history, by the very equations of training.

/// Solves for one user against fixed item factors: new users, and known users whose last events came after training.
///
/// The fold-in of a training row gives the trained vector (to Float32 rounding).
public struct FoldIn: Sendable {
    private let solver: WeightedLeastSquares
    private let regularization: @Sendable (Double) -> Float

    /// - Parameters:
    ///   - items: items x d.
    ///   - exposure: of each item, as in training; `nil` = all 1.
    ///   - configuration: that of the training.
    public init?(items: DenseMatrix, exposure: Column<Float>? = nil, configuration: ALSConfiguration) {
        guard
            let solver = WeightedLeastSquares(
                fixed: items, unobservedWeight: Float(configuration.unobservedWeight), shares: exposure)
        else { return nil }
        self.solver = solver
        regularization = Self.regularization(configuration, fixedRows: items.rows)
    }

    /// What each event adds to the inner product of the folded-in user with given items.
    /// - Parameters:
    ///   - entries: distinct item rows of the user.
    ///   - confidences: as many, above zero.
    ///   - rows: items to explain.
    /// - Returns: for each of `rows`, as many amounts as `entries`; they sum to the inner product (of a fold-in without prior).
    /// - Complexity: O(|entries| d^2 + d^3 + rows * (d^2 + |entries| d)).
    func shares(of entries: [Int32], confidences: [Float], in rows: [Int]) -> [[Float]] {
        let sum = confidences.reduce(0.0) { $0 + Double($1) }
        return solver.shares(
            entries: entries, confidences: confidences, regularization: regularization(sum), targets: rows)
    }

    /// lambda * (total confidence of the row + a0 * rows of the other side)^nu.
    static func regularization(_ configuration: ALSConfiguration, fixedRows: Int) -> @Sendable (Double) -> Float {
        let base = configuration.unobservedWeight * Double(fixedRows)
        let (lambda, nu) = (configuration.regularization, configuration.frequencyScaling)
        return { sum in Float(lambda * powOf(sum + base, nu)) }
    }

    /// - Parameters:
    ///   - entries: distinct item rows.
    ///   - confidences: as many, above zero.
    ///   - prior: mean of the solution, d elements, such as the user's long-term factors; `nil` = zero.
    /// - Returns: d elements.
    /// - Complexity: O(n^2 d + n^3 + d^2) for n < d entries, O(n d^2 + d^3) above.
    public func user(entries: [Int32], confidences: [Float], prior: [Float]? = nil) -> [Float] {
        let sum = confidences.reduce(0.0) { $0 + Double($1) }
        return solver.solve(
            entries: entries, confidences: confidences, regularization: regularization(sum), prior: prior)
    }
}
