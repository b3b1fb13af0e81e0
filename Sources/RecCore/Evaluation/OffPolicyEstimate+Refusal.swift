// When an off-policy number must not be believed, and the sentence that says so.

extension OffPolicyEstimate {
    /// Smaller effective samples are refused.
    public static let smallestSampleSize = 100.0
    /// Mean weights outside are refused.
    public static let meanWeights = 0.9...1.1

    /// Why a number must not be believed. Places are counted from 1; `nil` is the slate as a whole.
    ///
    /// The rule is plain: an effective sample size below 100, or a mean weight outside 0.9...1.1, of whole slates; or,
    /// for estimators that weigh places (IIPS, RIPS, Cascade-DR), of the worst place. It holds for DM too: what the log
    /// hardly shows the reward model hardly knows. That a log lacks what the evaluated policy does cannot be seen in
    /// the log itself; a mean weight below 1 hints at it.
    public enum Refusal: Sendable, Hashable {
        /// There is nothing to estimate from.
        case noSlates
        /// So many slates of several places have no marginal propensities, which IIPS compares.
        case missingMarginals(slates: Int, of: Int)
        /// The evaluated policy does nothing of what was logged.
        case noSupport(slates: Int, place: Int?)
        /// The weights are so unequal that the number rests on this many slates' worth of the log.
        case effectiveSampleSize(Double, slates: Int, place: Int?)
        /// The mean weight is not 1: a propensity is wrong, or the log lacks what the evaluated policy does.
        case meanWeight(Double, largest: Double, slates: Int, place: Int?)
        /// All slates are one user's: nothing tells how much users differ.
        case oneCluster(slates: Int)
        /// Sums of rewards left the range of Double.
        case overflow(slates: Int)
    }
}

extension OffPolicyEstimate.Refusal {
    /// The first reason against a value; `nil` when there is none.
    init?(_ estimator: OffPolicyEstimator, _ sums: OffPolicySums, value: Double?) {
        let slates = sums.slates
        let isMarginal = estimator == .iips
        let weights = estimator.weighsPlaces ? (isMarginal ? sums.marginals : sums.prefixes) : [sums.joint]
        func place(_ index: Int) -> Int? { weights.count > 1 ? index + 1 : nil }
        let fewest = weights.indices.min { weights[$0].effectiveSampleSize < weights[$1].effectiveSampleSize }
        let strangest = weights.indices.max { abs(weights[$0].mean - 1) < abs(weights[$1].mean - 1) }
        guard slates > 0, let fewest, let strangest else {
            self = .noSlates
            return
        }
        if isMarginal, sums.withoutMarginals > 0 {
            self = .missingMarginals(slates: sums.withoutMarginals, of: slates)
        } else if let empty = weights.firstIndex(where: { $0.largest == 0 }) {
            self = .noSupport(slates: slates, place: place(empty))
        } else if weights[fewest].effectiveSampleSize < OffPolicyEstimate.smallestSampleSize {
            self = .effectiveSampleSize(
                weights[fewest].effectiveSampleSize, slates: slates, place: place(fewest))
        } else if !OffPolicyEstimate.meanWeights.contains(weights[strangest].mean) {
            let figures = weights[strangest]
            self = .meanWeight(figures.mean, largest: figures.largest, slates: slates, place: place(strangest))
        } else if sums.clusters < 2 {
            self = .oneCluster(slates: slates)
        } else if value == nil {
            self = .overflow(slates: slates)
        } else {
            return nil
        }
    }
}

extension OffPolicyEstimate.Refusal: CustomStringConvertible {
    /// One sentence: the figures, what they mean, what to do.
    public var description: String {
        switch self {
        case .noSlates: "the log holds no slate: nothing can be said of the policy; log some first"
        case .missingMarginals(let slates, let all):
            "\(grouped(slates)) of \(grouped(all)) slates have no marginal propensities, "
                + "which IIPS compares: log them, or use RIPS"
        case .noSupport(let slates, let place):
            "the evaluated policy would have made none of the \(grouped(slates)) logged slates\(upTo(place)): "
                + "the log tells nothing of it; "
                + "log with more exploration or evaluate a policy nearer to the log's"
        case .effectiveSampleSize(let size, let slates, let place):
            "effective sample size \(figure(size)) of \(grouped(slates)) slates\(upTo(place)), where 100 are needed: "
                + (Double(slates) < OffPolicyEstimate.smallestSampleSize
                    ? "the log is too short; log more slates"
                    : "the log's policy hardly ever does what the evaluated one does; "
                        + "log with more exploration or evaluate a policy nearer to the log's")
        case .meanWeight(let mean, let largest, let slates, let place):
            "mean weight \(figure(mean)) over \(grouped(slates)) slates\(upTo(place)), largest \(figure(largest)), "
                + "where 0.9 to 1.1 is sound: "
                + (mean < 1
                    ? "the evaluated policy does what the log does not hold, or propensities are wrong; "
                    : "a few slates weigh too much, or propensities are wrong; ")
                + "check what is logged, log with more exploration or evaluate a policy nearer to the log's"
        case .oneCluster(let slates):
            "all \(grouped(slates)) slates are one user's: nothing tells how much users differ; log more users"
        case .overflow(let slates):
            "sums over \(grouped(slates)) slates are too large for a number: give rewards in a larger unit"
        }
    }

    private func upTo(_ place: Int?) -> String { place.map { " at place \($0)" } ?? "" }
}

/// `10,000`
private func grouped(_ number: Int) -> String {
    var text = ""
    for (place, digit) in String(number).reversed().enumerated() {
        if place > 0, place % 3 == 0, digit != "-" { text.append(",") }
        text.append(digit)
    }
    return String(text.reversed())
}

/// Three digits of a number from 0 up, or all those before the point: `3.13`, `340`, `21,739`.
private func figure(_ number: Double) -> String {
    if number >= 1e15 || (number > 0 && number < 0.001) { return "\(number)" }
    if number >= 100 { return grouped(Int(number.rounded())) }
    let scale = number >= 10 ? 10.0 : (number >= 1 ? 100 : 1000)
    let rounded = (number * scale).rounded() / scale
    return rounded == rounded.rounded() ? grouped(Int(rounded)) : "\(rounded)"
}
