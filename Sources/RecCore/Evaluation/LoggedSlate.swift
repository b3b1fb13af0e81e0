// One slate of the log, seen by the policy that is to be judged.

/// What an off-policy estimator has to know of one logged slate: what it earned, how likely the policy that made it was
/// to do so, and how likely the evaluated policy would have been.
///
/// A slate is an ordered list a_1 ... a_L; a single decision is a slate of one place. Every array has one number a
/// place, in order. Slates of a log may differ in length: behind its end a slate earns nothing, and both policies agree
/// about that.
///
/// Propensities are *conditional*, pi(a_l | x, a_1 ... a_{l-1}), so that their product is the slate's probability, and
/// they are those of the list that was drawn from, after filters. They are given as natural logarithms: products of
/// many small numbers vanish, sums of logarithms do not.
///
///     let slate = try LoggedSlate(
///         cluster: 7, rewards: [0, 1], logged: [log(0.4), log(0.5)], evaluated: [log(0.1), log(0.9)])
public struct LoggedSlate: Sendable, Hashable {
    /// The number of the user: slates of one user are resampled together.
    public let cluster: Int
    /// r_l, of any unit.
    public let rewards: [Double]
    /// ln pi_b(a_l | x, a_1 ... a_{l-1}) of the logging policy: finite, at most 0.
    public let logged: [Double]
    /// ln pi_e(a_l | x, a_1 ... a_{l-1}) of the evaluated policy: at most 0, and -infinity for what it never does.
    public let evaluated: [Double]
    /// q(x, a_l, l): the reward model's guess for the logged item at its place; zeros without a model.
    public let predicted: [Double]
    /// sum_a pi_e(a | x, a_1 ... a_{l-1}) q(x, a, l): the guess for what the evaluated policy would put at that place
    /// behind the logged prefix; zeros without a model.
    public let expected: [Double]
    /// ln pi_b(a_l at place l | x), whatever stands before it; ``OffPolicyEstimator/iips`` needs it for more than one
    /// place.
    public let loggedMarginal: [Double]?
    /// ln pi_e(a_l at place l | x), whatever stands before it.
    public let evaluatedMarginal: [Double]?

    /// Sums of rounded probabilities may stand this far above 1; such logarithms count as 0.
    static let rounding = 1e-9

    /// Logarithms up to 1e-9 above 0 are rounding and count as 0.
    ///
    /// - Parameters:
    ///   - cluster: number of the user.
    ///   - rewards: of each place.
    ///   - logged: ln of the probability of each place's item given those before it, under the logging policy.
    ///   - evaluated: the same under the evaluated policy.
    ///   - predicted: given together with `expected`, or neither.
    ///   - expected: expected rewards of the evaluated policy at each place, given the places before it.
    ///   - loggedMarginal: given together with `evaluatedMarginal`, or neither.
    ///   - evaluatedMarginal: the same under the evaluated policy.
    /// - Throws: ``OffPolicyError/slate(_:)``: no place, arrays of different lengths, one half of a pair, a reward or
    ///   guess that is
    ///   not finite, a logarithm that is NaN or above 0, a logged one that is -infinity: what was logged has been drawn.
    public init(
        cluster: Int, rewards: [Double], logged: [Double], evaluated: [Double], predicted: [Double]? = nil,
        expected: [Double]? = nil, loggedMarginal: [Double]? = nil, evaluatedMarginal: [Double]? = nil
    ) throws(OffPolicyError) {
        let count = rewards.count
        guard count > 0 else { throw .slate("a logged slate needs at least one place") }
        guard (predicted == nil) == (expected == nil) else {
            throw .slate("predicted and expected rewards come from one model: give both or neither")
        }
        guard (loggedMarginal == nil) == (evaluatedMarginal == nil) else {
            throw .slate("logged and evaluated marginal propensities are compared: give both or neither")
        }
        func numbers(_ values: [Double], _ what: String) throws(OffPolicyError) -> [Double] {
            try Self.check(values, count: count, what) { $0.isFinite ? nil : "not a finite number" }
            return values
        }
        func logarithms(_ values: [Double], _ what: String, mayBeZero: Bool) throws(OffPolicyError) -> [Double] {
            try Self.check(values, count: count, what) { value in
                if value.isNaN { return "not a number" }
                if value > Self.rounding { return "above 0, the logarithm of 1" }
                return value == -.infinity && !mayBeZero ? "the logarithm of 0, and yet it was logged" : nil
            }
            return values.map { min($0, 0) }
        }
        self.cluster = cluster
        self.rewards = try numbers(rewards, "reward")
        self.logged = try logarithms(logged, "logged log-propensity", mayBeZero: false)
        self.evaluated = try logarithms(evaluated, "evaluated log-propensity", mayBeZero: true)
        let zeros = [Double](repeating: 0, count: count)
        self.predicted = try numbers(predicted ?? zeros, "predicted reward")
        self.expected = try numbers(expected ?? zeros, "expected reward")
        guard let loggedMarginal, let evaluatedMarginal else {
            (self.loggedMarginal, self.evaluatedMarginal) = (nil, nil)
            return
        }
        self.loggedMarginal = try logarithms(loggedMarginal, "logged marginal log-propensity", mayBeZero: false)
        self.evaluatedMarginal = try logarithms(
            evaluatedMarginal, "evaluated marginal log-propensity", mayBeZero: true)
    }

    /// - Parameter fault: what is wrong with a value, `nil` when nothing is.
    private static func check(
        _ values: [Double], count: Int, _ what: String, fault: (Double) -> String?
    ) throws(OffPolicyError) {
        guard values.count == count else {
            throw .slate("\(count) rewards, but \(values.count) of \(what): each place needs both")
        }
        for (place, value) in values.enumerated() {
            if let fault = fault(value) { throw .slate("the \(what) at place \(place + 1) is \(value): \(fault)") }
        }
    }
}

extension LoggedSlate {
    /// Number of places, L.
    public var count: Int { rewards.count }

    /// Logarithms of the marginal weights, one a place. For one place these are the conditional ones; `nil` when they
    /// are missing.
    var marginalLogWeights: [Double]? {
        if let loggedMarginal, let evaluatedMarginal { return zip(evaluatedMarginal, loggedMarginal).map { $0 - $1 } }
        return count == 1 ? [evaluated[0] - logged[0]] : nil
    }
}
