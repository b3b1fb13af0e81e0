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
    /// Of the factors that training begins with.
    public var seed: UInt64
    /// Whether factors are drawn to what the attributes of their item or user say, instead of to zero.
    public var usesAttributes = false
    /// Whether the unobserved weight of an item is in proportion to how much of the history it was there for.
    public var usesExposure = true
    /// How rows are solved; `nil` = exactly up to 5,000,000 entries, by three steps of conjugate gradients above.
    public var solver: RowSolver?

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
    /// A setting is out of range; the text names it and the range.
    case configuration(String)
    /// The data cannot be trained on; the text says what is missing.
    case data(String)
    /// The numbers left the range of Float32; the text says where.
    case numerical(String)
    /// An ``ItemFactorizer`` could not do its work; the text says why, and what to do.
    case factorizer(String)

    public var description: String {
        switch self {
        case .configuration(let text), .data(let text), .numerical(let text), .factorizer(let text): text
        }
    }
}
