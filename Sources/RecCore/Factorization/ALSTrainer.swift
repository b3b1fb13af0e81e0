// Implicit-feedback alternating least squares: the trainer.

/// The two sides of a factorisation. The score of a pair is the inner product of its rows.
public struct Factors: Sendable {
    /// users x d.
    public let users: DenseMatrix
    /// items x d.
    public let items: DenseMatrix
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
    public static let none = ALSSideInformation()
    public init(
        itemFeatures: InteractionMatrix? = nil, userFeatures: InteractionMatrix? = nil, exposure: Column<Float>? = nil
    ) {
        (self.itemFeatures, self.userFeatures, self.exposure) = (itemFeatures, userFeatures, exposure)
    }
}

/// A finished factorisation.
public struct ALSResult: Sendable {
    public let factors: Factors
    /// Features x d, the prior means the last half-sweeps were solved with; `nil` without features.
    public let itemPrior: ContentProjection?
    public let userPrior: ContentProjection?
    /// After each sweep.
    public let losses: [ALSLoss]
}

/// Minimises the objective of Rendle, Krichene, Zhang, Koren: Revisiting the Performance of iALS on Item Recommendation
/// Benchmarks, RecSys 2022, equations 1 to 5, with confidences c on the observed pairs, an unobserved weight by item, and prior
/// means from features (Agarwal and Chen, Regression-based Latent Factor Models, KDD 2009):
///
///     sum_S c_ui (w_u . h_i - 1)^2 + sum_ui a_i (w_u . h_i)^2
///         + lambda (sum_u (#u)^nu |w_u - A'f_u|^2 + sum_i (#i)^nu |h_i - B'g_i|^2)
///
/// with #u = sum of the row's confidences + a0 * items, and a_i = a0 * exposure_i: that nobody took an item before it was there
/// says nothing. A and B are fitted once a sweep by ridge regression. Every half-sweep is exact given the priors; a last user
/// half-sweep makes each user row the exact fold-in of its history.
public struct ALSTrainer: Sendable {
    public let configuration: ALSConfiguration
    public init(_ configuration: ALSConfiguration) { self.configuration = configuration }

    /// - Parameters:
    ///   - matrix: users x items, confidences.
    ///   - progress: called after each sweep with its number (from 1), the factors and the loss; return false to stop with
    ///     what there is.
    /// - Throws: `.data` when the matrix has no entry, `.numerical` when factors leave the range of Float32.
    /// - Complexity: see ``WeightedLeastSquares``, times sweeps.
    public func fit(
        _ matrix: InteractionMatrix, side: ALSSideInformation = .none,
        progress: (_ sweep: Int, _ factors: Factors, _ loss: ALSLoss) -> Bool = { _, _, _ in true }
    ) throws(TrainingError) -> ALSResult {
        guard matrix.entryCount > 0 else {
            throw .data("no interactions with a weight above zero: nothing to learn from")
        }
        let d = configuration.dimension
        let turned = matrix.transposed()
        var items = DenseMatrix.normal(
            rows: matrix.columns, columns: d, deviation: 0.1 / Float(d).squareRoot(), seed: configuration.seed)
        var itemPrior = Prior(side.itemFeatures, Self.sizes(turned))
        var userPrior = Prior(side.userFeatures, Self.sizes(matrix))
        var users = try half(matrix, fixed: items, fixedShares: side.exposure, prior: userPrior, name: "users")
        var losses: [ALSLoss] = []
        for sweep in 1...configuration.sweeps {
            // The first factors are noise: nothing to regress on.
            if sweep > 1 { itemPrior.fit(items) }
            items = try half(turned, fixed: users, shares: side.exposure, prior: itemPrior, name: "items")
            userPrior.fit(users)
            users = try half(matrix, fixed: items, fixedShares: side.exposure, prior: userPrior, name: "users")
            let factors = Factors(users: users, items: items)
            let loss = ALSLoss(
                factors, matrix, turned, configuration, exposure: side.exposure, userMeans: userPrior.means,
                itemMeans: itemPrior.means)
            losses.append(loss)
            if !progress(sweep, factors, loss) { break }
        }
        return ALSResult(
            factors: Factors(users: users, items: items), itemPrior: itemPrior.projection,
            userPrior: userPrior.projection, losses: losses)
    }

    private static func sizes(_ matrix: InteractionMatrix) -> [Float] {
        (0..<matrix.rows).map { Float(matrix.range(of: $0).count) }
    }

    /// The means of one side, from its features.
    private struct Prior {
        let features: InteractionMatrix?
        let weights: [Float]
        var projection: ContentProjection?
        var means: DenseMatrix?

        init(_ features: InteractionMatrix?, _ weights: [Float]) {
            self.features = features.flatMap { $0.entryCount > 0 ? $0 : nil }
            self.weights = weights
        }

        mutating func fit(_ factors: DenseMatrix) {
            guard let features else { return }
            let fitted = ContentProjection.fit(
                features, factors: factors, weights: weights, iterations: 4, start: projection)
            projection = fitted
            means = fitted.factors(features)
        }
    }

    private func half(
        _ matrix: InteractionMatrix, fixed: DenseMatrix, fixedShares: Column<Float>? = nil,
        shares: Column<Float>? = nil, prior: Prior, name: String
    ) throws(TrainingError) -> DenseMatrix {
        let fold = FoldIn.regularization(configuration, fixedRows: fixed.rows)
        guard
            let solver = WeightedLeastSquares(
                fixed: fixed, unobservedWeight: Float(configuration.unobservedWeight), shares: fixedShares),
            let rows = solver.solve(matrix, shares: shares, priors: prior.means, regularization: fold)
        else { throw .numerical("the \(name) of a sweep are not finite; a larger regularization may help") }
        return rows
    }
}
