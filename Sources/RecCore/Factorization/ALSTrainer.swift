// Implicit-feedback alternating least squares: the trainer.

/// The two sides of a factorisation. The score of a pair is the inner product of its rows.
public struct Factors: Sendable {
    /// users x d.
    public let users: DenseMatrix
    /// items x d.
    public let items: DenseMatrix
    /// Both sides, with the same number of columns.
    public init(users: DenseMatrix, items: DenseMatrix) { (self.users, self.items) = (users, items) }
}

/// What is known of the rows besides the events.
public struct ALSSideInformation: Sendable {
    /// items x features; `nil` = item factors are drawn to zero.
    public var itemFeatures: InteractionMatrix?
    /// users x features; `nil` = user factors are drawn to zero.
    public var userFeatures: InteractionMatrix?
    /// Share of the events that came when the item was already there, from 0 to 1; `nil` = all 1.
    public var exposure: Column<Float>?
    /// Nothing but the events: no features, every item there from the beginning.
    public static let none = ALSSideInformation()
    /// - Parameters:
    ///   - itemFeatures: items x features; `nil` = none.
    ///   - userFeatures: users x features; `nil` = none.
    ///   - exposure: one value an item.
    public init(
        itemFeatures: InteractionMatrix? = nil, userFeatures: InteractionMatrix? = nil, exposure: Column<Float>? = nil
    ) {
        (self.itemFeatures, self.userFeatures, self.exposure) = (itemFeatures, userFeatures, exposure)
    }
}

/// A finished factorisation.
public struct ALSResult: Sendable {
    /// Both sides, in the basis in which the weighted Gram matrix of the items is diagonal.
    public internal(set) var factors: Factors
    /// Features x d, the prior means the last half-sweeps were solved with; `nil` without features.
    public let itemPrior: ContentProjection?
    /// The same for users; `nil` without features of users.
    public let userPrior: ContentProjection?
    /// Sweeps made.
    public let sweeps: Int
}

/// Minimises the objective of Rendle, Krichene, Zhang, Koren: Revisiting the Performance of iALS on Item Recommendation
/// Benchmarks, RecSys 2022, equations 1 to 5, with confidences c on the observed pairs, an unobserved weight by item, and prior
/// means from features (Agarwal and Chen, Regression-based Latent Factor Models, KDD 2009):
///
///     sum_S c_ui (w_u . h_i - 1)^2 + sum_ui a_i (w_u . h_i)^2
///         + lambda (sum_u (#u)^nu |w_u - A'f_u|^2 + sum_i (#i)^nu |h_i - B'g_i|^2)
///
/// with #u = sum of the row's confidences + a0 * items, and a_i = a0 * exposure_i: that nobody took an item before it was there
/// says nothing. A and B are fitted once a sweep by ridge regression.
///
/// Before each half-sweep all factors are turned into the basis in which a0 F'BF of the fixed side is diagonal (inner products
/// stay as they are), so that every row's own system is whitened by a division; see `WeightedLeastSquares` and ``RowSolver``.
/// A last user half-sweep, always exact, makes each user row the fold-in of its history. In the end the weighted Gram matrix of
/// the items is diagonal, the smallest eigenvalue first.
public struct ALSTrainer: Sendable {
    /// Dimension, weights and sweeps.
    public let configuration: ALSConfiguration
    /// A trainer of these settings; it keeps no state between fits.
    public init(_ configuration: ALSConfiguration) { self.configuration = configuration }

    /// Entries from which factors are found by conjugate gradients where the configuration does not say how.
    static let manyEntries = 5_000_000

    /// - Parameters:
    ///   - matrix: users x items, confidences.
    ///   - side: what is known of the rows besides the events.
    ///   - start: factors that an earlier call was told after a sweep, and its number: the run goes on behind it, and
    ///     ends as that one would have. Not with features.
    ///   - progress: called after each sweep with its number (from 1), the factors, which are to be read during the
    ///     call only, and a way to ask for the loss; return false to stop with what there is.
    /// - Throws: `.data` when the matrix has no entry, `.numerical` when factors leave the range of Float32.
    /// - Complexity: see ``RowSolver`` and `WeightedLeastSquares`, times sweeps. Memory: the matrix once more by column, and
    ///   the factors once.
    public func fit(
        _ matrix: InteractionMatrix, side: ALSSideInformation = .none, start: (sweep: Int, factors: Factors)? = nil,
        progress: (_ sweep: Int, _ factors: Factors, _ loss: () -> ALSLoss) -> Bool = { _, _, _ in true }
    ) throws(TrainingError) -> ALSResult {
        guard matrix.entryCount > 0 else {
            throw .data("no interactions with a weight above zero: nothing to learn from")
        }
        let d = configuration.dimension
        if let start {
            guard start.factors.users.rows == matrix.rows, start.factors.items.rows == matrix.columns,
                start.factors.users.columns == d, start.factors.items.columns == d, start.sweep >= 1,
                side.itemFeatures == nil, side.userFeatures == nil
            else { throw .configuration("the factors to go on from do not fit the matrix and the settings") }
        }
        let solver =
            configuration.solver
            ?? (matrix.entryCount > Self.manyEntries ? .conjugateGradient(steps: 3) : .exact)
        let turned = matrix.transposed()
        let first = start?.factors.items
        let items = Side(
            FactorRows(
                copying: first
                    ?? .normal(
                        rows: matrix.columns, columns: d, deviation: 0.1 / Float(d).squareRoot(),
                        seed: configuration.seed)),
            turned, side.itemFeatures, shares: side.exposure, name: "items")
        let users = Side(
            start.map { FactorRows(copying: $0.factors.users) } ?? FactorRows(rows: matrix.rows, columns: d), matrix,
            side.userFeatures, shares: nil, name: "users")
        if start == nil { try half(users, fixed: items, solver) }
        var made = start?.sweep ?? 0
        for sweep in (made + 1)..<max(made + 1, configuration.sweeps + 1) {
            // The first factors are noise: nothing to regress on.
            if sweep > 1 { items.fitPrior() }
            try half(items, fixed: users, solver)
            users.fitPrior()
            let isLast = sweep == configuration.sweeps
            try half(users, fixed: items, isLast ? .exact : solver)
            made = sweep
            let goesOn = progress(sweep, Factors(users: users.rows.view, items: items.rows.view)) {
                ALSLoss(
                    Factors(users: users.rows.view, items: items.rows.view), matrix, turned, configuration,
                    exposure: side.exposure, userMeans: users.means, itemMeans: items.means)
            }
            if !goesOn {
                if !isLast, solver != .exact { try half(users, fixed: items, .exact) }
                break
            }
        }
        return ALSResult(
            factors: Factors(users: users.rows.view, items: items.rows.view), itemPrior: items.prior,
            userPrior: users.prior, sweeps: made)
    }

    /// One side of the matrix: its factors, its entries by row, and its prior.
    final class Side {
        let rows: FactorRows
        let matrix: InteractionMatrix
        let shares: Column<Float>?
        let name: String
        private let features: InteractionMatrix?
        /// Features x d, in the basis of the factors.
        private(set) var prior: ContentProjection?
        /// Rows x d, in the basis of the factors.
        private(set) var means: DenseMatrix?

        init(
            _ rows: FactorRows, _ matrix: InteractionMatrix, _ features: InteractionMatrix?, shares: Column<Float>?,
            name: String
        ) {
            (self.rows, self.matrix, self.shares, self.name) = (rows, matrix, shares, name)
            self.features = features.flatMap { $0.entryCount > 0 ? $0 : nil }
        }

        func fitPrior() {
            guard let features else { return }
            let sizes = (0..<matrix.rows).map { Float(matrix.range(of: $0).count) }
            let fitted = ContentProjection.fit(
                features, factors: rows.view, weights: sizes, iterations: 4, start: prior)
            prior = fitted
            means = fitted.factors(features)
        }

        func turn(by basis: DenseMatrix) {
            rows.turn(by: basis)
            prior = prior.map { ContentProjection(matrix: $0.matrix.multipliedByTransposed(basis)) }
            means = means?.multipliedByTransposed(basis)
        }
    }

    func half(_ side: Side, fixed: Side, _ solver: RowSolver) throws(TrainingError) {
        let regularization = FoldIn.regularization(configuration, fixedRows: fixed.rows.rows)
        guard
            let (values, basis) = WeightedLeastSquares.basis(
                of: fixed.rows.view, unobservedWeight: Float(configuration.unobservedWeight), shares: fixed.shares)
        else { throw Self.notFinite(side) }
        side.turn(by: basis)
        fixed.turn(by: basis)
        let system = RowSystem(eigenvalues: values, rotated: fixed.rows.view)
        guard
            side.rows.solve(
                system, side.matrix, shares: side.shares, priors: side.means, solver: solver,
                regularization: regularization)
        else { throw Self.notFinite(side) }
    }

    private static func notFinite(_ side: Side) -> TrainingError {
        .numerical("the \(side.name) of a sweep are not finite; a larger regularization may help")
    }
}
