// The ways to tell from a log what another policy would have earned.

/// An off-policy estimator: from slates that a logging policy pi_b drew, with known propensities, to the value of an
/// evaluated policy pi_e, which is its expected total reward of a slate.
///
/// Letters: r_l reward, q_l the reward model's guess for the logged item, e_l its expectation over pi_e behind the
/// logged prefix, at place l of L; w_l = pi_e / pi_b of the place; W_l = w_1 ... w_l with W_0 = 1; W = W_L; R = sum_l
/// r_l; Q = sum_l q_l. `mean` and `sum` without an index run over slates.
///
/// **Single decisions**, slates of one place: ``ips`` to ``drOS``. On longer slates each takes the *whole ordered slate
/// as one decision*, with weight W, reward R and guess Q; then ``ips`` is ``sips`` and ``snips`` is ``snSIPS``. The
/// guess for the evaluated policy is M = sum_l W_{l-1} e_l, whose mean over the log is, up to chance, the reward that
/// the model expects of pi_e; with one place it is e_1, the textbook's.
///
/// **Slates**: ``sips`` to ``cascadeDR``. What they assume of people buys variance: SIPS assumes nothing and explodes
/// with L; RIPS and Cascade-DR assume that a reward depends on its place and those above it; IIPS that it depends on
/// its own place alone.
///
/// Sources: Horvitz and Thompson, JASA 1952 (IPS); Swaminathan and Joachims, NeurIPS 2015 (SNIPS); Dudik, Langford and
/// Li, ICML 2011 (DM, DR); Wang, Agarwal and Dudik, ICML 2017 (Switch-DR); Su, Dimakopoulou, Krishnamurthy and Dudik,
/// ICML 2020 (DRos); Li et al., KDD 2018 (IIPS); McInerney et al., KDD 2020 (SIPS, RIPS); Kiyohara et al., WSDM 2022
/// (Cascade-DR). Checked against obp 0.4.1.
public enum OffPolicyEstimator: String, CaseIterable, Sendable, Hashable, Codable {
    /// mean(W R). Unbiased where pi_b does all that pi_e does.
    case ips
    /// sum(W R) / sum(W). Never leaves the range of rewards; biased by O(1/n).
    case snips
    /// mean(min(W, lambda) R). Too low for rewards above 0, with less variance.
    case clipped
    /// mean(M). As good as the reward model; for one place without any weight.
    case dm
    /// mean(M + W (R - Q)). Unbiased with any q that was not fitted on the same rewards; less variance the better q is.
    case dr
    /// mean(M) + sum(W (R - Q)) / sum(W).
    case sndr
    /// mean(M + W [W <= lambda] (R - Q)): where the weight is large, the model alone.
    case switchDR
    /// mean(M + lambda W / (W^2 + lambda) (R - Q)): weights shrink smoothly; lambda = 0 is DM, infinity is DR.
    case drOS
    /// mean(W R).
    case sips
    /// sum(W R) / sum(W).
    case snSIPS
    /// mean(sum_l v_l r_l), v_l the quotient of the marginal propensities of the item at its place.
    case iips
    /// mean(sum_l W_l r_l).
    case rips
    /// sum_l [ sum(W_l r_l) / sum(W_l) ]: RIPS, normalised place by place over all slates. Behind the end of a slate
    /// r_l = 0, w_l = 1.
    case snRIPS
    /// mean(sum_l [ W_l (r_l - q_l) + W_{l-1} e_l ]).
    case cascadeDR

    /// Where weights are cut, and how intervals are drawn.
    ///
    /// By the defaults all three begin to differ from DR and IPS at weights of about 10: clipping and Switch-DR there
    /// exactly, and DRos makes 5 of a weight of 10, its largest. Smaller values trade variance for bias.
    public struct Settings: Sendable, Hashable {
        /// lambda of ``OffPolicyEstimator/clipped``.
        public let clip: Double
        /// lambda of ``OffPolicyEstimator/switchDR``.
        public let switchAt: Double
        /// lambda of ``OffPolicyEstimator/drOS``.
        public let shrinkage: Double
        /// Resamples of the bootstrap; fewer than 40 give no interval.
        public let resamples: Int

        /// - Throws: ``OffPolicyError/settings(_:)`` that names the value out of range.
        public init(
            clip: Double = 10, switchAt: Double = 10, shrinkage: Double = 100, resamples: Int = 1000
        ) throws(OffPolicyError) {
            func check(_ isRight: Bool, _ what: String) throws(OffPolicyError) {
                guard isRight else { throw .settings(what) }
            }
            try check(clip > 0, "the weight to clip at must be above 0, not \(clip)")
            try check(switchAt >= 0, "the weight to switch at must be a number from 0 up, not \(switchAt)")
            try check(
                shrinkage >= 0 && shrinkage.isFinite,
                "the shrinkage must be a finite number from 0 up, not \(shrinkage)")
            try check((0...100_000).contains(resamples), "\(resamples) resamples are outside 0...100000")
            (self.clip, self.switchAt, self.shrinkage, self.resamples) = (clip, switchAt, shrinkage, resamples)
        }

        private init() { (clip, switchAt, shrinkage, resamples) = (10, 10, 100, 1000) }

        /// The defaults of the other initialiser.
        public static let standard = Settings()
    }
}

extension OffPolicyEstimator {
    /// Whether its weights are those of single places or of prefixes, so that the worst place decides, not the whole
    /// slate.
    var weighsPlaces: Bool { [.iips, .rips, .snRIPS, .cascadeDR].contains(self) }

    /// The estimate as a sum of quotients of sums over slates, for slates of up to `places` places.
    func ratios(places: Int) -> [OffPolicyRatio] {
        switch self {
        case .ips, .sips: [OffPolicyRatio(.weightedReward, .one)]
        case .snips, .snSIPS: [OffPolicyRatio(.weightedReward, .weight)]
        case .clipped: [OffPolicyRatio(.clippedReward, .one)]
        case .dm: [OffPolicyRatio(.model, .one)]
        case .dr: [OffPolicyRatio(.model, .one), OffPolicyRatio(.residual, .one)]
        case .sndr: [OffPolicyRatio(.model, .one), OffPolicyRatio(.residual, .weight)]
        case .switchDR: [OffPolicyRatio(.model, .one), OffPolicyRatio(.switchedResidual, .one)]
        case .drOS: [OffPolicyRatio(.model, .one), OffPolicyRatio(.shrunkResidual, .one)]
        case .iips: [OffPolicyRatio(.marginalReward, .one)]
        case .rips: [OffPolicyRatio(.prefixReward, .one)]
        case .snRIPS: (0..<places).map { OffPolicyRatio(.placeReward($0), .placeWeight($0)) }
        case .cascadeDR: [OffPolicyRatio(.cascade, .one)]
        }
    }
}
