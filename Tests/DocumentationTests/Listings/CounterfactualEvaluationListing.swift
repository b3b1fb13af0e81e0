// The listings of the article CounterfactualEvaluation, word for word.
import Foundation
import RecCore

/// What the listings of the article found.
struct CounterfactualFound {
    let slates: [LoggedSlate]
    let plain: [OffPolicyEstimate]
    let modelled: [OffPolicyEstimate]
    let far: OffPolicyEstimate
    let report: CounterfactualReport
    let replay: SlateReplayReport
    /// The mean reward of a slate of the evaluated policy, by enumeration.
    let truth: Double
}

func counterfactualListing(
    impressions: any ImpressionLog, models: any ModelStore, version: ModelVersion, now: Timestamp
) async throws -> CounterfactualFound {
    // Listing begins: log
    let candidates = SlateCandidates(
        items: ["tea", "coffee", "cocoa", "milk"].map { ItemID($0) }, scores: [1.4, 1.1, 0.7, 0],
        logShares: [0.45, 0.3, 0.2, 0.05].map { Float(log($0)) })
    let clicks = [0.05, 0.1, 0.2, 0.4]  // the chance of a click once shown: what no log tells
    let logging = ComposedPolicy(.plackettLuce(temperature: 1))
    var generator = SplitMix64(seed: 20)
    var shown: [(user: Int, seed: UInt64, slate: RankedSlate, rewards: [Double])] = []
    for user in 0..<200 {
        for _ in 0..<4 {
            let seed = generator.next()
            let slate = logging.slate(from: candidates, length: 2, seed: seed)
            let rewards = slate.places.map { generator.nextUnit() < clicks[$0] ? 1.0 : 0 }
            shown.append((user, seed, slate, rewards))
        }
    }
    // Listing ends
    // Listing begins: estimate
    let evaluated = try ComposedPolicy("plackett_luce(1)+temper(1)")
    let slates = try shown.map { row in
        try LoggedSlate(
            cluster: row.user, rewards: row.rewards, logged: row.slate.logPropensities,
            evaluated: evaluated.logPropensities(of: row.slate.places, in: candidates))
    }
    let plain = OffPolicyEstimate.estimates(slates, by: [.ips, .snips, .rips, .snRIPS])
    for estimate in plain {
        print(estimate.estimator, estimate.value ?? .nan, estimate.interval?.margin ?? .nan)
        print(estimate.effectiveSampleSize, estimate.meanWeight, estimate.largestWeight)
    }
    // Listing ends
    // Listing begins: reward-model
    let model = try CrossFittedRewardModel(
        shown.flatMap { row in
            row.slate.places.enumerated().map { slot, place in
                LoggedReward(
                    cluster: row.user, item: candidates.items[place], place: slot, reward: row.rewards[slot])
            }
        }, strength: 20)
    let withModel = try shown.map { row in
        func guess(_ candidate: Int, _ slot: Int) -> Double {
            model.reward(of: candidates.items[candidate], at: slot, for: row.user)
        }
        var state = SlateState(candidates)
        var expected: [Double] = []
        for (slot, place) in row.slate.places.enumerated() {
            let law = evaluated.logProbabilities(state)
            expected.append(law.indices.reduce(0) { $0 + exp(law[$1]) * guess($1, slot) })
            state.choose(place)
        }
        return try LoggedSlate(
            cluster: row.user, rewards: row.rewards, logged: row.slate.logPropensities,
            evaluated: evaluated.logPropensities(of: row.slate.places, in: candidates),
            predicted: row.slate.places.enumerated().map { guess($1, $0) }, expected: expected)
    }
    let modelled = OffPolicyEstimate.estimates(withModel, by: [.dm, .dr, .sndr, .switchDR, .drOS, .cascadeDR])
    // Listing ends
    // Listing begins: refusal
    let distant = try ComposedPolicy("greedy+temper(3)")  // milk, then cocoa: the log hardly ever shows that
    let far = OffPolicyEstimate.estimate(
        try shown.map { row in
            try LoggedSlate(
                cluster: row.user, rewards: row.rewards, logged: row.slate.logPropensities,
                evaluated: distant.logPropensities(of: row.slate.places, in: candidates))
        }, by: .snips)
    if let refusal = far.refusal { print(refusal) }  // effective sample size 19 of 800 slates, where 100 are needed: …
    // Listing ends
    // Listing begins: impressions
    for (number, row) in shown.enumerated() {
        let name = "r\(number)"
        let items = row.slate.places.map { candidates.items[$0] }
        try await impressions.append([
            Impression(
                recommendation: name, user: UserID("u\(row.user)"), modelVersion: version, policy: logging.text,
                mode: "recency", timestamp: now, seed: row.seed, items: items,
                logPropensities: row.slate.logPropensities, candidates: candidates)
        ])
        for (item, reward) in zip(items, row.rewards) where reward > 0 {
            try await impressions.append(outcomes: [
                Outcome(
                    recommendation: name, item: item, kind: .click, timestamp: now, weight: 1,
                    event: EventID("\(name) \(item)"))
            ])
        }
    }
    // Listing ends
    // Listing begins: judge
    var options = CounterfactualPipeline.Options()
    options.rewards = [.click: 1]
    let pipeline = CounterfactualPipeline(impressions: impressions, models: models, options: options)
    let report = try await pipeline.judge(.fixed(evaluated))
    print("the log's own", report.logged, "from", report.slates, "slates;", report.leftOut.refusals, "left out")
    if let best = report.best { print(best.estimator, best.value ?? .nan, best.interval?.margin ?? .nan) }
    for estimate in report.estimates { if let refusal = estimate.refusal { print(estimate.estimator, refusal) } }
    // Listing ends
    // Listing begins: replay
    let replay = try await SlateReplay(impressions: impressions, models: models).check()
    print(replay.equal, "slates the same to the last bit,", replay.differences, "others")
    for (recommendation, reason) in replay.different { print(recommendation, reason) }
    // Listing ends
    var truth = 0.0
    for first in 0..<4 {
        for second in 0..<4 where second != first {
            let law = evaluated.logPropensities(of: [first, second], in: candidates)
            truth += exp(law[0] + law[1]) * (clicks[first] + clicks[second])
        }
    }
    return CounterfactualFound(
        slates: slates, plain: plain, modelled: modelled, far: far, report: report, replay: replay, truth: truth)
}

func marginalListing() throws -> [OffPolicyEstimate] {
    // Listing begins: marginals
    func candidates(_ weights: [Double]) -> SlateCandidates {
        SlateCandidates(
            items: weights.indices.map { ItemID("\($0)") }, scores: weights.map { Float(log($0)) },
            logShares: weights.map { _ in 0 })
    }
    let policy = PlackettLucePolicy(temperature: 1)
    /// The chance of each item at each place: of small slates by enumeration.
    func marginals(_ candidates: SlateCandidates) -> [[Double]] {
        var chances = [[Double]](repeating: [0, 0, 0, 0], count: 3)
        for a in 0..<4 {
            for b in 0..<4 where b != a {
                for c in 0..<4 where c != a && c != b {
                    let chance = exp(policy.logPropensities(of: [a, b, c], in: candidates).reduce(0, +))
                    for (place, item) in [a, b, c].enumerated() { chances[place][item] += chance }
                }
            }
        }
        return chances
    }
    let (logging, evaluated) = (candidates([0.4, 0.3, 0.2, 0.1]), candidates([0.1, 0.2, 0.3, 0.4]))
    let (logged, wanted) = (marginals(logging), marginals(evaluated))
    let shown: [(slate: [Int], rewards: [Double])] = [
        ([0, 1, 2], [1, 0, 0]), ([1, 0, 3], [0, 1, 0]), ([2, 0, 1], [0, 0, 1]), ([0, 3, 1], [1, 1, 0]),
    ]
    let slates = try shown.enumerated().map { number, row in
        try LoggedSlate(
            cluster: number, rewards: row.rewards,
            logged: policy.logPropensities(of: row.slate, in: logging),
            evaluated: policy.logPropensities(of: row.slate, in: evaluated),
            loggedMarginal: row.slate.enumerated().map { log(logged[$0][$1]) },
            evaluatedMarginal: row.slate.enumerated().map { log(wanted[$0][$1]) })
    }
    let estimates = OffPolicyEstimate.estimates(slates, by: [.sips, .iips, .rips])
    for estimate in estimates { print(estimate.estimator, estimate.value ?? .nan) }  // 0.3502, 1.1215, 0.3757
    // Listing ends
    return estimates
}
