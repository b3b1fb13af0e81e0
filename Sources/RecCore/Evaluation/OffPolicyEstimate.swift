// What a log says another policy would have earned, how sure that is, and whether it may be believed at all.

/// An off-policy estimate with what has to stand beside it: the interval, the effective sample size, the mean weight.
///
///     let estimate = OffPolicyEstimate.estimate(slates, by: .cascadeDR)
///     if let refusal = estimate.refusal { print(refusal) } else { print(estimate.value, estimate.interval) }
public struct OffPolicyEstimate: Sendable, Hashable {
    /// How the value was computed.
    public let estimator: OffPolicyEstimator
    /// The evaluated policy's total reward of a slate, in the unit of the rewards; `nil` when it cannot be computed,
    /// which ``refusal`` explains then.
    public let value: Double?
    /// The middle 95 % of the value over resampled clusters; `nil` without a value, two clusters or 40 resamples.
    public let interval: Interval?
    /// Logged slates that went in.
    public let slates: Int
    /// Users that the slates belong to; intervals resample them.
    public let clusters: Int
    /// Of the weights W of whole slates.
    public let joint: WeightFigures
    /// By place: of the marginal weights for ``OffPolicyEstimator/iips``, of the prefix weights W_l for all others.
    public let places: [WeightFigures]
    /// Why the number must not be believed; `nil` when nothing speaks against it.
    public let refusal: Refusal?

    /// Of the weights of whole slates.
    public var effectiveSampleSize: Double { joint.effectiveSampleSize }
    /// Of the weights of whole slates; 1 up to chance when all is right.
    public var meanWeight: Double { joint.mean }
    /// Of the weights of whole slates.
    public var largestWeight: Double { joint.largest }
}

extension OffPolicyEstimate {
    /// One estimator's number.
    ///
    /// The interval is the percentile bootstrap over clusters (Efron 1979; Field and Welsh 2007): users are drawn with
    /// replacement, with all their slates, and quotients such as SNIPS are taken anew on each draw. The same slates and
    /// seed give the same bits.
    ///
    /// - Complexity: O(slates * places + resamples * clusters * terms), where an estimator has one to three terms,
    ///   snRIPS two a place.
    public static func estimate(
        _ slates: [LoggedSlate], by estimator: OffPolicyEstimator, settings: OffPolicyEstimator.Settings = .standard,
        seed: UInt64 = 20
    ) -> OffPolicyEstimate {
        estimates(slates, by: [estimator], settings: settings, seed: seed)[0]
    }

    /// The numbers of several estimators in one pass over the log, in the order asked for. All see the same resamples.
    ///
    /// - Complexity: O(slates * places * terms + resamples * clusters * terms); all estimators have 11 terms and two a
    ///   place.
    public static func estimates(
        _ slates: [LoggedSlate], by estimators: [OffPolicyEstimator] = OffPolicyEstimator.allCases,
        settings: OffPolicyEstimator.Settings = .standard, seed: UInt64 = 20
    ) -> [OffPolicyEstimate] {
        let sums = OffPolicySums(slates, estimators, settings)
        let values = sums.values()
        let intervals = sums.intervals(resamples: settings.resamples, seed: seed)
        return estimators.indices.map { place in
            let estimator = estimators[place]
            let isMissing = estimator == .iips && sums.withoutMarginals > 0
            let value = isMissing ? nil : values[place]
            return OffPolicyEstimate(
                estimator: estimator, value: value, interval: value == nil ? nil : intervals[place],
                slates: sums.slates, clusters: sums.clusters, joint: sums.joint,
                places: estimator == .iips ? sums.marginals : sums.prefixes,
                refusal: Refusal(estimator, sums, value: value))
        }
    }
}
