// What a log says of a policy.

/// The log as an evaluated policy sees it, and what came out.
public struct CounterfactualReport: Sendable {
    /// What the evaluated policy is called.
    public let policy: String
    /// Mean reward of a slate under the policies that made the log.
    public let logged: Double
    /// The 95 % interval of ``logged`` over users; `nil` for too few of them.
    public let loggedInterval: Interval?
    /// One for each estimator that was asked for.
    public let estimates: [OffPolicyEstimate]
    /// Slates that count.
    public let slates: Int
    /// What does not count, and why.
    public let leftOut: LeftOut

    /// What of the log says nothing of the policy.
    public struct LeftOut: Sendable {
        /// Impressions whose policy left nothing to chance: nothing can be learned from them of another.
        public var withoutCandidates = 0
        /// Later pages of a list, which are not counted again.
        public var laterPages = 0
        /// Events that count and name an answer, but an item that it did not show.
        public var strayEvents = 0
        /// Slates that count, in which another place, or none, is kept for young items than the judged policy keeps: at that place the
        /// two hardly ever agree.
        public var otherReserves = 0
        /// How many impressions cannot be used.
        public var refusals = 0
        /// Which, and why; the first ten.
        public var refused: [String] = []
        /// Nothing left out yet.
        public init() {}

        mutating func refuse(_ impression: Impression, _ reason: String) {
            refusals += 1
            if refused.count < 10 { refused.append("\(impression.recommendation): \(reason)") }
        }
    }

    /// The estimate to read: of those that may be believed the first of Cascade-DR, DR, RIPS and SNIPS, which makes use of the order of
    /// places and of a model of the rewards where it can; `nil` when none may be.
    public var best: OffPolicyEstimate? {
        [OffPolicyEstimator.cascadeDR, .dr, .rips, .snips].lazy.compactMap { wanted in
            estimates.first { $0.estimator == wanted && $0.refusal == nil && $0.value != nil }
        }.first
    }
}
