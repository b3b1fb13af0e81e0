// What another policy would have earned, from the log of what was shown and what became of it.
import Synchronization

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
    /// How many there are.
    public let refusals: Int
}

/// Judges a policy by an impression log, joined with its outcomes by recommendation id.
public struct CounterfactualPipeline: Sendable {
    /// What counts, and how far.
    public struct Options: Sendable {
        /// Kinds of events that are rewards, with what each is worth; of one item of one slate each kind counts once.
        public var rewards: [InteractionKind: Double] = [.purchase: 1]
        /// Days after an answer within which its events count.
        public var windowDays = 30.0
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

    private struct Shown: Sendable {
        let cluster: Int
        let candidates: SlateCandidates
        let policy: ComposedPolicy
        let places: [Int]
        let logged: [Double]
        let rewards: [Double]
    }

    /// Everything but the outcome of the estimates.
    private struct Tally {
        var withoutCandidates = 0
        var laterPages = 0
        var refused: [String] = []
        var refusals = 0

        mutating func refuse(_ impression: Impression, _ reason: String) {
            refusals += 1
            if refused.count < 10 { refused.append("\(impression.recommendation): \(reason)") }
        }
    }

    /// Reads the log twice, so that no more than a page of candidates is held: once for what each item earned where, once for the
    /// estimates.
    /// - Parameter choice: the policy to judge; ``PolicyChoice/stochastic`` is that of the model of each impression.
    /// - Throws: the log's error, or that of a model which the policy looks at; `.rejected` where the log's figures are none.
    /// - Complexity: O(slates * places * candidates) for the reward model's expectation under the policy.
    public func judge(
        _ choice: PolicyChoice, progress: @Sendable (_ slates: Int) -> Void = { _ in }
    ) async throws(StorageError) -> CounterfactualReport {
        var rewards: [LoggedReward<ItemID>] = []
        var tally = Tally()
        try await read(choice, &tally) { page in
            rewards += page.flatMap { row in
                row.places.indices.map { slot in
                    LoggedReward(
                        cluster: row.cluster, item: row.candidates.items[row.places[slot]], place: slot,
                        reward: row.rewards[slot])
                }
            }
        }
        let model: CrossFittedRewardModel<ItemID>
        do throws(OffPolicyError) { model = try CrossFittedRewardModel(rewards) } catch {
            throw StorageError(.rejected, operation: "counterfactual", reason: "\(error)")
        }
        rewards = []
        var slates: [LoggedSlate] = []
        tally = Tally()
        var unusable = 0
        try await read(choice, &tally) { page in
            let found = await HeavyWork.run { Self.slates(page, model) }
            slates += found.compactMap { $0 }
            unusable += found.count { $0 == nil }
            progress(slates.count)
        }
        if unusable > 0 {
            tally.refusals += unusable
            tally.refused.append("\(unusable) slates with propensities that are none")
        }
        let (rows, counts) = (slates, tally)
        return await HeavyWork.run { report(choice.text, rows, counts) }
    }

    private func read(
        _ choice: PolicyChoice, _ tally: inout Tally, _ body: ([Shown]) async -> Void
    ) async throws(StorageError) {
        var known = LoggedModels(models: models)
        var clusters: [String: Int] = [:]
        var offset: Int64 = 0
        while true {
            let page = try await impressions.page(after: offset, limit: Self.page)
            if page.impressions.isEmpty { return }
            offset = page.nextOffset
            let outcomes = try await impressions.outcomes(of: page.impressions.map(\.recommendation))
            var rows: [Shown] = []
            for impression in page.impressions {
                if impression.offset > 0 {
                    tally.laterPages += 1
                    continue
                }
                guard let candidates = impression.candidates else {
                    if impression.candidateHash == 0 {
                        tally.withoutCandidates += 1
                    } else {
                        tally.refuse(impression, "its candidates cannot be read")
                    }
                    continue
                }
                guard !impression.items.isEmpty else {
                    tally.refuse(impression, "nothing was shown")
                    continue
                }
                let name = impression.user?.rawValue ?? "answer \(impression.recommendation)"
                let cluster = clusters[name] ?? clusters.count
                clusters[name] = cluster
                do {
                    let policy = try await policy(choice, impression, &known)
                    if let missing = Self.missing(policy, candidates, impression) {
                        tally.refuse(impression, missing)
                        continue
                    }
                    let seen = try await known.withDirections(candidates, impression, policy)
                    if let row = shown(
                        impression, seen, policy, cluster, outcomes[impression.recommendation] ?? [])
                    {
                        rows.append(row)
                    } else {
                        tally.refuse(impression, "shows what is no candidate")
                    }
                } catch  where error.code == .notFound {
                    tally.refuse(impression, "model \(impression.modelVersion) is no longer there")
                }
            }
            await body(rows)
        }
    }

    /// What the judged policy looks at and the log does not hold.
    private static func missing(
        _ policy: ComposedPolicy, _ candidates: SlateCandidates, _ impression: Impression
    ) -> String? {
        if policy.columns.contains(.deviations), candidates.deviations.isEmpty {
            return "the log holds no deviations, which only policies with thompson log"
        }
        if policy.columns.contains(.exposure), candidates.isUnderexposed.isEmpty {
            return "the log does not tell which items were hardly shown, as only policies with reserve do"
        }
        if let quota = policy.quota, (try? ComposedPolicy(impression.policy))?.quota?.column != quota.column {
            return "the log holds no values of \(quota.column), as only policies with a quota of it do"
        }
        return nil
    }

    private func policy(
        _ choice: PolicyChoice, _ impression: Impression, _ known: inout LoggedModels
    ) async throws(StorageError) -> ComposedPolicy {
        guard case .stochastic = choice else {
            if case .fixed(let policy) = choice { return policy }
            return .greedy
        }
        let exploration = try await known.model(impression.modelVersion).configuration.exploration
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
        for outcome in outcomes {
            // Clocks of clients are not ours: five minutes before are no mistake.
            let age = outcome.timestamp.milliseconds - impression.timestamp.milliseconds
            guard (-300_000...Int64(options.windowDays * 86_400_000)).contains(age) else { continue }
            earned[outcome.item, default: []].insert(outcome.kind)
        }
        let kinds = options.rewards.sorted { $0.key.rawValue < $1.key.rawValue }
        let rewards = items.map { item in
            let seen = earned[item] ?? []
            return kinds.reduce(0.0) { $0 + (seen.contains($1.key) ? $1.value : 0) }
        }
        return Shown(
            cluster: cluster, candidates: candidates, policy: policy, places: places,
            logged: Array(impression.logPropensities.prefix(items.count)), rewards: rewards)
    }

    private static func slates(_ page: [Shown], _ model: CrossFittedRewardModel<ItemID>) -> [LoggedSlate?] {
        let results = Mutex([LoggedSlate?](repeating: nil, count: page.count))
        forEachRange(page.count, grain: 16) { range in
            for place in range {
                let slate = try? slate(page[place], model)
                results.withLock { $0[place] = slate }
            }
        }
        return results.withLock { $0 }
    }

    private func report(_ name: String, _ slates: [LoggedSlate], _ tally: Tally) -> CounterfactualReport {
        let own = slates.map { slate in
            UserFigures(Float(slate.rewards.reduce(0, +)), 0, 0, 0, 0, 0, 0, 0)
        }
        let samples = Bootstrap.means([WindowFigures(users: slates.map(\.cluster), columns: [own])])
        return CounterfactualReport(
            policy: name, logged: slates.reduce(0) { $0 + $1.rewards.reduce(0, +) } / Double(max(1, slates.count)),
            loggedInterval: Bootstrap.interval(samples.map { Double($0[0][0]) }),
            estimates: OffPolicyEstimate.estimates(slates, by: options.estimators, settings: options.settings),
            slates: slates.count, withoutCandidates: tally.withoutCandidates, laterPages: tally.laterPages,
            refused: tally.refused, refusals: tally.refusals)
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
