// What another policy would have earned, from the log of what was shown and what became of it.

/// The log as the evaluated policy sees it, and what came out.
public struct CounterfactualReport: Sendable {
    /// What the evaluated policy is called.
    public let policy: String
    /// Mean reward of a slate under the policies that made the log.
    public let logged: Double
    public let loggedInterval: Interval?
    public let estimates: [OffPolicyEstimate]
    public let slates: Int
    /// Impressions without candidates: their policy left nothing to chance, and nothing can be learned from them.
    public let withoutCandidates: Int
    /// Later pages of a list, which are not counted again.
    public let laterPages: Int
    /// Impressions that cannot be used, and why; the first ten.
    public let refused: [String]
}

/// Judges a policy by an impression log, joined with its outcomes by recommendation id.
public struct CounterfactualPipeline: Sendable {
    /// What counts, and how far.
    public struct Options: Sendable {
        /// Kinds of events that are rewards, with what each is worth; of one item of one slate each kind counts once.
        public var rewards: [InteractionKind: Double] = [.purchase: 1]
        /// Places from the first that count; more of them say more and are known less well.
        public var places = 12
        public var estimators = OffPolicyEstimator.allCases.filter { $0 != .iips }
        public var settings = OffPolicyEstimator.Settings.standard
        public init() {}
    }

    private let impressions: any ImpressionLog
    private let models: any ModelStore
    private let options: Options
    private static let page = 500

    public init(impressions: any ImpressionLog, models: any ModelStore, options: Options = Options()) {
        (self.impressions, self.models, self.options) = (impressions, models, options)
    }

    private struct Shown {
        let cluster: Int
        let candidates: SlateCandidates
        let policy: ComposedPolicy
        let places: [Int]
        let logged: [Double]
        let rewards: [Double]
    }

    /// - Parameter choice: the policy to judge; ``PolicyChoice/stochastic`` is that of the model of each impression.
    /// - Throws: the log's error, or that of a model which the policy looks at; `.rejected` where the log's figures are none.
    /// - Complexity: O(slates * places * candidates) for the reward model's expectation under the policy.
    public func judge(
        _ choice: PolicyChoice, progress: @Sendable (_ slates: Int) -> Void = { _ in }
    ) async throws(StorageError) -> CounterfactualReport {
        var directions = CandidateDirections(models: models)
        var clusters: [String: Int] = [:]
        var shown: [Shown] = []
        var (withoutCandidates, laterPages, refused) = (0, 0, [String]())
        var offset: Int64 = 0
        while true {
            let page = try await impressions.page(after: offset, limit: Self.page)
            if page.impressions.isEmpty { break }
            offset = page.nextOffset
            let outcomes = try await impressions.outcomes(of: page.impressions.map(\.recommendation))
            for impression in page.impressions {
                guard impression.offset == 0 else {
                    laterPages += 1
                    continue
                }
                guard let candidates = impression.candidates else {
                    withoutCandidates += 1
                    continue
                }
                let policy = try await policy(choice, impression, &directions)
                let seen = try await directions.added(to: candidates, impression, policy)
                let name = impression.user?.rawValue ?? "answer \(impression.recommendation)"
                let cluster = clusters[name] ?? clusters.count
                clusters[name] = cluster
                guard
                    let row = self.shown(
                        impression, seen, policy, cluster, outcomes[impression.recommendation] ?? [])
                else {
                    if refused.count < 10 { refused.append("\(impression.recommendation): shows what is no candidate") }
                    continue
                }
                shown.append(row)
            }
            progress(shown.count)
        }
        let (rows, counts) = (shown, (withoutCandidates, laterPages, refused))
        let result = await HeavyWork.run { Result { try report(choice.text, rows, counts) } }
        do { return try result.get() } catch {
            throw StorageError(.rejected, operation: "counterfactual", reason: "\(error)")
        }
    }

    private func policy(
        _ choice: PolicyChoice, _ impression: Impression, _ directions: inout CandidateDirections
    ) async throws(StorageError) -> ComposedPolicy {
        guard case .stochastic = choice else {
            if case .fixed(let policy) = choice { return policy }
            return .greedy
        }
        let exploration = try await directions.model(impression.modelVersion).configuration.exploration
        return (exploration ?? .standard).policy(
            forStranger: impression.mode == RecommendationMode.coldStart.rawValue)
    }

    private func shown(
        _ impression: Impression, _ candidates: SlateCandidates, _ policy: ComposedPolicy, _ cluster: Int,
        _ outcomes: [Outcome]
    ) -> Shown? {
        var placeOf: [ItemID: Int] = [:]
        for (place, item) in candidates.items.enumerated() { placeOf[item] = place }
        let items = impression.items.prefix(options.places)
        let places = items.compactMap { placeOf[$0] }
        guard places.count == items.count, impression.logPropensities.count >= items.count else { return nil }
        var earned: [ItemID: Set<InteractionKind>] = [:]
        for outcome in outcomes { earned[outcome.item, default: []].insert(outcome.kind) }
        let rewards = items.map { item in
            (earned[item] ?? []).reduce(0.0) { $0 + (options.rewards[$1] ?? 0) }
        }
        return Shown(
            cluster: cluster, candidates: candidates, policy: policy, places: places,
            logged: Array(impression.logPropensities.prefix(items.count)), rewards: rewards)
    }

    private func report(
        _ name: String, _ shown: [Shown], _ counts: (withoutCandidates: Int, laterPages: Int, refused: [String])
    ) throws(OffPolicyError) -> CounterfactualReport {
        let model = try CrossFittedRewardModel(
            shown.lazy.flatMap { row in
                row.places.indices.map { slot in
                    LoggedReward(
                        cluster: row.cluster, item: row.candidates.items[row.places[slot]], place: slot,
                        reward: row.rewards[slot])
                }
            })
        var slates: [LoggedSlate] = []
        slates.reserveCapacity(shown.count)
        for row in shown { slates.append(try Self.slate(row, model)) }
        let own = slates.map { slate in
            UserFigures(Float(slate.rewards.reduce(0, +)), 0, 0, 0, 0, 0, 0, 0)
        }
        let samples = Bootstrap.means([WindowFigures(users: slates.map(\.cluster), columns: [own])])
        return CounterfactualReport(
            policy: name, logged: slates.reduce(0) { $0 + $1.rewards.reduce(0, +) } / Double(max(1, slates.count)),
            loggedInterval: Bootstrap.interval(samples.map { Double($0[0][0]) }),
            estimates: OffPolicyEstimate.estimates(slates, by: options.estimators, settings: options.settings),
            slates: slates.count, withoutCandidates: counts.withoutCandidates, laterPages: counts.laterPages,
            refused: counts.refused)
    }

    private static func slate(
        _ row: Shown, _ model: CrossFittedRewardModel<ItemID>
    ) throws(OffPolicyError) -> LoggedSlate {
        let evaluated = row.policy.logPropensities(of: row.places, in: row.candidates)
        let seen = row.policy.expectation(of: row.places, in: row.candidates) { candidate, slot in
            model.reward(of: row.candidates.items[candidate], at: slot, for: row.cluster)
        }
        return try LoggedSlate(
            cluster: row.cluster, rewards: row.rewards, logged: row.logged, evaluated: evaluated,
            predicted: seen.logged, expected: seen.expected)
    }
}
