// What other policies would have earned, from the log of what was shown and what became of it.
import Synchronization

/// Judges policies by an impression log, joined with its outcomes by recommendation id.
public struct CounterfactualPipeline: Sendable {
    /// What counts, and how far.
    public struct Options: Sendable {
        /// Kinds of events that are rewards, with what each is worth; of one item of one slate each kind counts once.
        public var rewards: [InteractionKind: Double] = [.purchase: 1]
        /// Days after an answer within which its events count.
        public var windowDays = 30.0
        /// Places from the first that count; more of them say more and are known less well.
        public var places = 12
        /// How values are estimated. IIPS is left out: it needs marginal propensities, which few logs hold.
        public var estimators = OffPolicyEstimator.allCases.filter { $0 != .iips }
        /// Of all estimators.
        public var settings = OffPolicyEstimator.Settings.standard
        /// Purchases of thirty days on the first twelve places.
        public init() {}
    }

    private let impressions: any ImpressionLog
    private let models: any ModelStore
    private let options: Options

    /// - Parameters:
    ///   - impressions: what was shown, and what became of it.
    ///   - models: those that the slates were drawn from.
    ///   - options: what counts.
    public init(impressions: any ImpressionLog, models: any ModelStore, options: Options = Options()) {
        (self.impressions, self.models, self.options) = (impressions, models, options)
    }

    /// A slate that every policy may be judged by, without its candidates.
    private struct Shown: Sendable {
        let cluster: Int
        /// Of each shown item among the candidates.
        let places: [Int]
        let rewards: [Double]
    }

    /// A choice of the log in the first reading.
    private struct Seen: Sendable {
        let recommendation: String
        /// `nil` = left out.
        let shown: Shown?
    }

    /// Everything that is read once for all policies.
    private struct Reading {
        /// In the order of the log.
        var choices: [Seen] = []
        var rewards: [LoggedReward<ItemID>] = []
        var leftOut = CounterfactualReport.LeftOut()
        var impressions = 0
    }

    /// What one policy would have done.
    private struct Judgement {
        var slates: [LoggedSlate] = []
        var leftOut: CounterfactualReport.LeftOut
    }

    /// The report of one policy.
    public func judge(_ choice: PolicyChoice) async throws(StorageError) -> CounterfactualReport {
        try await judge([choice])[0]
    }

    /// Reads the log twice, so that no more than a page of candidates is held: once for what each item earned where, once for what the
    /// policies would have done. What is logged in the meantime is left for the next time.
    /// - Parameters:
    ///   - choices: the policies to judge; ``PolicyChoice/stochastic`` is that of the model of each impression.
    ///   - progress: slates that were read, of how many; the number is known in the second reading.
    /// - Returns: a report for each of `choices`.
    /// - Throws: the log's error, or that of a model which a policy looks at; `.rejected` where the log's figures are none; `.conflict`
    ///   when the log lost rows between the readings.
    /// - Complexity: O(slates * places * candidates) a policy for the reward model's expectation under it; memory for a few numbers of
    ///   each place that was shown, as often as there are policies, and for a page with its candidates.
    public func judge(
        _ choices: [PolicyChoice], progress: @Sendable (_ slates: Int, _ of: Int?) -> Void = { _, _ in }
    ) async throws(StorageError) -> [CounterfactualReport] {
        var reading = try await read { progress($0, nil) }
        let model: CrossFittedRewardModel<ItemID>
        do throws(OffPolicyError) { model = try CrossFittedRewardModel(reading.rewards) } catch {
            throw StorageError(.rejected, operation: "counterfactual", reason: "\(error)")
        }
        reading.rewards = []
        let (seen, impressions) = (reading.choices, reading.impressions)
        var judgements = choices.map { _ in Judgement(leftOut: reading.leftOut) }
        var known = LoggedModels(models: models)
        var next = 0
        try await self.impressions.forEachPage(limit: impressions) { page throws(StorageError) in
            var rows: [(LoggedChoice, Shown)] = []
            for choice in page.choices {
                guard next < seen.count, seen[next].recommendation == choice.impression.recommendation else {
                    throw StorageError(
                        .conflict, operation: "counterfactual",
                        reason: "the log lost impressions while it was read; judge again")
                }
                if let shown = seen[next].shown { rows.append((choice, shown)) }
                next += 1
            }
            for (place, choice) in choices.enumerated() {
                try await judge(rows, choice, model, &known, &judgements[place])
            }
            progress(next, seen.count)
        }
        let finished = judgements
        return await HeavyWork.run { zip(choices, finished).map { report($0.text, $1) } }
    }

    /// What the log's own slates earned.
    private func read(progress: (Int) -> Void) async throws(StorageError) -> Reading {
        var reading = Reading()
        var clusters: [String: Int] = [:]
        reading.impressions = try await impressions.forEachPage { page throws(StorageError) in
            reading.leftOut.withoutCandidates += page.withoutCandidates
            for impression in page.unreadable { reading.leftOut.refuse(impression, "its candidates cannot be read") }
            let outcomes = try await impressions.outcomes(of: page.choices.map(\.impression.recommendation))
            for choice in page.choices {
                let impression = choice.impression
                let name = impression.user?.rawValue ?? "answer \(impression.recommendation)"
                let cluster = clusters[name] ?? clusters.count
                clusters[name] = cluster
                let row = shown(choice, cluster, outcomes[impression.recommendation] ?? [], &reading.leftOut)
                reading.choices.append(Seen(recommendation: impression.recommendation, shown: row))
                for (slot, reward) in (row?.rewards ?? []).enumerated() {
                    reading.rewards.append(
                        LoggedReward(cluster: cluster, item: impression.items[slot], place: slot, reward: reward))
                }
            }
            progress(reading.choices.count)
        }
        return reading
    }

    private func shown(
        _ choice: LoggedChoice, _ cluster: Int, _ outcomes: [Outcome], _ leftOut: inout CounterfactualReport.LeftOut
    ) -> Shown? {
        let impression = choice.impression
        guard impression.offset == 0 else {
            leftOut.laterPages += 1
            return nil
        }
        guard !impression.items.isEmpty else {
            leftOut.refuse(impression, "nothing was shown")
            return nil
        }
        // With a reserve the candidates are by chance, but what is chosen from them is certain.
        if var policy = try? ComposedPolicy(impression.policy) {
            policy.reserve = nil
            if policy.isDeterministic {
                leftOut.withoutCandidates += 1
                return nil
            }
        }
        var placeOf: [ItemID: Int] = [:]
        for (place, item) in choice.candidates.items.enumerated() { placeOf[item] = place }
        let items = impression.items.prefix(options.places)
        let places = items.compactMap { placeOf[$0] }
        guard places.count == items.count, impression.logPropensities.count >= items.count else {
            leftOut.refuse(impression, "shows what is no candidate")
            return nil
        }
        let all = Set(impression.items)
        var earned: [ItemID: Set<InteractionKind>] = [:]
        for outcome in outcomes where options.rewards[outcome.kind] != nil {
            // Clocks of clients are not ours: five minutes before are no mistake.
            let age = Double(outcome.timestamp.milliseconds) - Double(impression.timestamp.milliseconds)
            guard age >= -300_000, age <= options.windowDays * 86_400_000 else { continue }
            if !all.contains(outcome.item) { leftOut.strayEvents += 1 }
            earned[outcome.item, default: []].insert(outcome.kind)
        }
        let kinds = options.rewards.sorted { $0.key.rawValue < $1.key.rawValue }
        let rewards = items.map { item in
            let seen = earned[item] ?? []
            return kinds.reduce(0.0) { $0 + (seen.contains($1.key) ? $1.value : 0) }
        }
        return Shown(cluster: cluster, places: places, rewards: rewards)
    }

    /// A slate of the log before a policy.
    private struct Row: Sendable {
        let logged: [Double]
        let shown: Shown
        let candidates: SlateCandidates
        let policy: ComposedPolicy
    }

    private func judge(
        _ page: [(LoggedChoice, Shown)], _ choice: PolicyChoice, _ model: CrossFittedRewardModel<ItemID>,
        _ known: inout LoggedModels, _ judgement: inout Judgement
    ) async throws(StorageError) {
        var rows: [(impression: Impression, row: Row)] = []
        for (logged, shown) in page {
            let impression = logged.impression
            do throws(StorageError) {
                let policy = try await policy(choice, impression, &known)
                let maker = try? ComposedPolicy(impression.policy)
                if let missing = Self.missing(policy, logged.candidates, maker) {
                    judgement.leftOut.refuse(impression, missing)
                    continue
                }
                let kept = [policy.reserve?.place, maker?.reserve?.place].map {
                    $0.flatMap { $0 <= options.places ? $0 : nil }
                }
                if kept[0] != kept[1] { judgement.leftOut.otherReserves += 1 }
                let row = Row(
                    logged: Array(impression.logPropensities.prefix(shown.places.count)), shown: shown,
                    candidates: try await known.directed(logged, policy), policy: policy)
                rows.append((impression, row))
            } catch {
                guard error.code == .notFound else { throw error }
                judgement.leftOut.refuse(impression, "model \(impression.modelVersion) is no longer there")
            }
        }
        let all = rows.map(\.row)
        for (place, slate) in await HeavyWork.run({ Self.slates(all, model) }).enumerated() {
            if let slate {
                judgement.slates.append(slate)
            } else {
                judgement.leftOut.refuse(rows[place].impression, "has propensities that are none")
            }
        }
    }

    /// What the judged policy looks at and the log does not hold.
    /// - Parameter maker: the policy that made the slate.
    private static func missing(
        _ policy: ComposedPolicy, _ candidates: SlateCandidates, _ maker: ComposedPolicy?
    ) -> String? {
        if policy.columns.contains(.deviations), candidates.deviations.isEmpty {
            return "the log holds no deviations, which only policies with thompson log"
        }
        if let reserve = policy.reserve {
            guard !candidates.isUnderexposed.isEmpty, let floor = maker?.reserve?.floor else {
                return "the log does not tell which items were hardly shown, as only policies with reserve do"
            }
            guard floor == reserve.floor else {
                return "the log tells which items were shown less than \(floor) times, and not \(reserve.floor)"
            }
        }
        if let quota = policy.quota, maker?.quota?.column != quota.column {
            return "the log holds no values of \(quota.column), as only policies with a quota of it do"
        }
        return nil
    }

    private func policy(
        _ choice: PolicyChoice, _ impression: Impression, _ known: inout LoggedModels
    ) async throws(StorageError) -> ComposedPolicy {
        switch choice {
        case .fixed(let policy): return policy
        case .stochastic:
            let exploration = try await known.model(impression.modelVersion).configuration.exploration
            return (exploration ?? .standard).policy(
                forStranger: impression.mode == RecommendationMode.coldStart.rawValue)
        }
    }

    private static func slates(_ page: [Row], _ model: CrossFittedRewardModel<ItemID>) -> [LoggedSlate?] {
        let results = Mutex([LoggedSlate?](repeating: nil, count: page.count))
        forEachRange(page.count, grain: 16) { range in
            for place in range {
                let slate = try? slate(page[place], model)
                results.withLock { $0[place] = slate }
            }
        }
        return results.withLock { $0 }
    }

    private static func slate(
        _ row: Row, _ model: CrossFittedRewardModel<ItemID>
    ) throws(OffPolicyError) -> LoggedSlate {
        let (shown, candidates) = (row.shown, row.candidates)
        let items = candidates.items
        let evaluated = row.policy.logPropensities(of: shown.places, in: candidates)
        let seen = row.policy.expectation(of: shown.places, in: candidates) { candidate, slot in
            model.reward(of: items[candidate], at: slot, for: shown.cluster)
        }
        return try LoggedSlate(
            cluster: shown.cluster, rewards: shown.rewards, logged: row.logged, evaluated: evaluated,
            predicted: seen.logged, expected: seen.expected)
    }

    private func report(_ name: String, _ judgement: Judgement) -> CounterfactualReport {
        let slates = judgement.slates
        let own = slates.map { slate in
            UserFigures(Float(slate.rewards.reduce(0, +)), 0, 0, 0, 0, 0, 0, 0)
        }
        let samples = Bootstrap.means([WindowFigures(users: slates.map(\.cluster), columns: [own])])
        return CounterfactualReport(
            policy: name, logged: slates.reduce(0) { $0 + $1.rewards.reduce(0, +) } / Double(max(1, slates.count)),
            loggedInterval: Bootstrap.interval(samples.map { Double($0[0][0]) }),
            estimates: OffPolicyEstimate.estimates(slates, by: options.estimators, settings: options.settings),
            slates: slates.count, leftOut: judgement.leftOut)
    }
}
