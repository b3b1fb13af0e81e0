// Implicit-feedback alternating least squares: the trainer and its settings.

/// Settings of iALS. The defaults are sound for catalogues of thousands to hundreds of thousands of items.
public struct ALSConfiguration: Sendable, Hashable {
    /// Factors, d.
    public var dimension: Int
    /// Weight a0 of every pair, observed or not.
    public var unobservedWeight: Double
    /// lambda, before frequency scaling.
    public var regularization: Double
    /// nu: 0 = the same lambda for all rows, 1 = in proportion to a row's total weight.
    public var frequencyScaling: Double
    /// Passes over both sides.
    public var sweeps: Int
    public var seed: UInt64

    /// - Throws: ``TrainingError`` that names the value out of range.
    public init(
        dimension: Int = 64, unobservedWeight: Double = 0.0256, regularization: Double = 0.5,
        frequencyScaling: Double = 0,
        sweeps: Int = 16, seed: UInt64 = 1
    ) throws(TrainingError) {
        func check(_ isRight: Bool, _ what: String) throws(TrainingError) {
            guard isRight else { throw TrainingError.configuration(what) }
        }
        try check((1...2048).contains(dimension), "dimension \(dimension) is outside 1...2048")
        try check(
            unobservedWeight.isFinite && unobservedWeight >= 0, "the unobserved weight must be a number from 0 up")
        try check(regularization.isFinite && regularization > 0, "the regularization must be a number above 0")
        try check((0...2).contains(frequencyScaling), "the frequency scaling \(frequencyScaling) is outside 0...2")
        try check((1...1000).contains(sweeps), "\(sweeps) sweeps are outside 1...1000")
        (self.dimension, self.unobservedWeight, self.regularization) = (dimension, unobservedWeight, regularization)
        (self.frequencyScaling, self.sweeps, self.seed) = (frequencyScaling, sweeps, seed)
    }

    private init() {
        (dimension, unobservedWeight, regularization) = (64, 0.0256, 0.5)
        (frequencyScaling, sweeps, seed) = (0, 16, 1)
    }

    /// The defaults of the other initialiser.
    public static let standard = ALSConfiguration()
}

/// Why there is no model.
public enum TrainingError: Error, Sendable, Hashable, CustomStringConvertible {
    case configuration(String)
    /// The data cannot be trained on; the text says what is missing.
    case data(String)
    /// The numbers left the range of Float32; the text says where.
    case numerical(String)

    public var description: String {
        switch self {
        case .configuration(let text), .data(let text), .numerical(let text): text
        }
    }
}

/// The two sides of a factorisation. The score of a pair is the inner product of its rows.
public struct Factors: Sendable {
    /// users x d.
    public let users: DenseMatrix
    /// items x d.
    public let items: DenseMatrix
    public init(users: DenseMatrix, items: DenseMatrix) { (self.users, self.items) = (users, items) }
}

/// Minimises the objective of Rendle, Krichene, Zhang, Koren: Revisiting the Performance of iALS on Item Recommendation
/// Benchmarks, RecSys 2022, equations 1 to 5, with confidences c on the observed pairs:
///
///     sum_S c_ui (w_u . h_i - 1)^2 + a0 sum_ui (w_u . h_i)^2 + lambda (sum_u (#u)^nu |w_u|^2 + sum_i (#i)^nu |h_i|^2)
///
/// with #u = sum of the row's confidences + a0 * items. Every half-sweep is exact; a last user half-sweep makes each user row
/// the exact fold-in of its history.
public struct ALSTrainer: Sendable {
    public let configuration: ALSConfiguration
    public init(_ configuration: ALSConfiguration) { self.configuration = configuration }

    /// - Parameters:
    ///   - matrix: users x items, confidences.
    ///   - progress: called after each sweep with its number (from 1); return false to stop with what there is.
    /// - Throws: `.data` when the matrix has no entry, `.numerical` when factors leave the range of Float32.
    /// - Complexity: see ``WeightedLeastSquares``, times sweeps.
    public func fit(
        _ matrix: InteractionMatrix, progress: (_ sweep: Int) -> Bool = { _ in true }
    ) throws(TrainingError) -> Factors {
        guard matrix.entryCount > 0 else {
            throw .data("no interactions with a weight above zero: nothing to learn from")
        }
        let d = configuration.dimension
        let turned = matrix.transposed()
        var items = DenseMatrix.normal(
            rows: matrix.columns, columns: d, deviation: 0.1 / Float(d).squareRoot(), seed: configuration.seed)
        var users = try half(matrix, fixed: items, side: "users")
        for sweep in 1...configuration.sweeps {
            items = try half(turned, fixed: users, side: "items")
            users = try half(matrix, fixed: items, side: "users")
            if !progress(sweep) { break }
        }
        return Factors(users: users, items: items)
    }

    private func half(
        _ matrix: InteractionMatrix, fixed: DenseMatrix, side: String
    ) throws(TrainingError) -> DenseMatrix {
        let fold = FoldIn.regularization(configuration, fixedRows: fixed.rows)
        guard let solver = WeightedLeastSquares(fixed: fixed, unobservedWeight: Float(configuration.unobservedWeight)),
            let rows = solver.solve(matrix, regularization: fold)
        else { throw .numerical("the \(side) of a sweep are not finite; a larger regularization may help") }
        return rows
    }
}
