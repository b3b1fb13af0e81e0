// Policies draw from the law that they state: by enumeration, and by the frequencies of many slates.
import Testing

@testable import RecCore

/// Candidates of a few items with given weights, as a policy sees them.
enum FewCandidates {
    static func make(_ weights: [Double], young: Set<Int> = [], groups: [Int32] = [], extras: Int = 0)
        -> SlateCandidates
    {
        SlateCandidates(
            items: weights.indices.map { ItemID("i\($0)") }, scores: weights.map { Float(PortableMath.log($0)) },
            logShares: weights.indices.map { -Float($0) }, deviations: weights.indices.map { 0.3 + 0.2 * Float($0) },
            isUnderexposed: weights.indices.map { young.contains($0) }, groups: groups, extras: extras,
            directions: weights.indices.flatMap { place -> [Float] in
                place % 2 == 0 ? [1, 0] : [0.6, 0.8]
            })
    }

    /// Every ordered choice of `length` out of `count`.
    static func orders(_ count: Int, _ length: Int) -> [[Int]] {
        guard length > 0 else { return [[]] }
        return orders(count, length - 1).flatMap { order in
            (0..<count).filter { !order.contains($0) }.map { order + [$0] }
        }
    }
}

@Suite struct PolicyLawTests {
    private static let policies: [ComposedPolicy] = {
        var all: [ComposedPolicy] = [
            .greedy, ComposedPolicy(.epsilonGreedy(0.3)), ComposedPolicy(.plackettLuce(temperature: 0.8)),
            ComposedPolicy(.thompson(sigma: 1)), ComposedPolicy(.plackettLuce(temperature: 0.5), temper: 0.2),
            ComposedPolicy(.plackettLuce(temperature: 1), reserve: .init(place: 2, floor: 9)),
            ComposedPolicy(.thompson(sigma: 0.7), temper: 0.1, reserve: .init(place: 1, floor: 9)),
        ]
        var diverse = ComposedPolicy(.plackettLuce(temperature: 0.7))
        diverse.diversity = 1
        var limited = ComposedPolicy(.epsilonGreedy(0.5), reserve: .init(place: 3, floor: 9))
        limited.quota = .init(column: "group", most: 1)
        all += [diverse, limited]
        return all
    }()

    private let candidates = FewCandidates.make(
        [0.35, 0.25, 0.2, 0.12, 0.08], young: [3, 4], groups: [0, 0, 1, 1, -1])
    /// The last of which may stand at a reserved place alone.
    private let candidatesWithExtra = FewCandidates.make(
        [0.35, 0.25, 0.2, 0.12, 0.08], young: [3, 4], groups: [0, 0, 1, 1, -1], extras: 1)

    /// Section 5.1 of the design: weights .4 .3 .2 .1, three places.
    @Test func marginalsOfPlackettLuceAreThoseOfTheEnumeration() {
        let weights = [0.4, 0.3, 0.2, 0.1]
        let policy = PlackettLucePolicy(temperature: 1)
        let candidates = FewCandidates.make(weights)
        var at = [[Double]](repeating: [0, 0, 0, 0], count: 3)
        var within = [0.0, 0, 0, 0]
        for order in FewCandidates.orders(4, 3) {
            let probability = PortableMath.exp(policy.logPropensities(of: order, in: candidates).reduce(0, +))
            for (place, item) in order.enumerated() {
                at[place][item] += probability
                within[item] += probability
            }
        }
        // By hand, in float64: what is chosen first leaves the rest its share.
        var second = [0.0, 0, 0, 0]
        for first in 0..<4 {
            for item in 0..<4 where item != first {
                second[item] += weights[first] * weights[item] / (1 - weights[first])
            }
        }
        let golden = (
            second: [0.315873, 0.308333, 0.241270, 0.134524], third: [0.206349, 0.261905, 0.317460, 0.214286],
            within: [0.922222, 0.870238, 0.758730, 0.448810]
        )
        for item in 0..<4 {
            // The scores are Float32: 6e-8 of a nat.
            #expect(abs(at[0][item] - weights[item]) < 1e-7)
            #expect(abs(at[1][item] - second[item]) < 1e-7)
            #expect(abs(at[1][item] - golden.second[item]) < 1e-6)
            #expect(abs(at[2][item] - golden.third[item]) < 1e-6)
            #expect(abs(within[item] - golden.within[item]) < 1e-6)
        }
    }

    /// In float64 scores the law is that of the formula to 1e-12.
    @Test func conditionalPropensitiesAreExact() {
        let scaled = [0.4, 0.3, 0.2, 0.1].map { PortableMath.log($0) }
        for order in FewCandidates.orders(4, 3) {
            var left = 1.0
            for (place, value) in PlackettLucePolicy.logPropensities(of: order, scaled: scaled).enumerated() {
                let weight = [0.4, 0.3, 0.2, 0.1][order[place]]
                #expect(abs(PortableMath.exp(value) - weight / left) < 1e-12)
                left -= weight
            }
        }
        // Where all others are far behind nothing cancels: the second place's sum is of the others alone.
        let far = PlackettLucePolicy.logPropensities(of: [0, 1], scaled: [0, -800, -801])
        #expect(far[0] == 0 && abs(far[1] + PortableMath.log(1 + PortableMath.exp(-1))) < 1e-12)
    }

    @Test(arguments: policies) func lawsSumToOneAtEveryPlace(_ policy: ComposedPolicy) {
        for candidates in [candidates, candidatesWithExtra] {
            for order in FewCandidates.orders(5, 3) {
                var state = SlateState(candidates)
                for place in order {
                    let law = policy.logProbabilities(state)
                    let alone = policy.logPropensities(of: state.chosen + [place], in: candidates).last ?? 1
                    #expect(law[place] == alone || abs(law[place] - alone) < 1e-9)
                    #expect(abs(law.reduce(0) { $0 + PortableMath.exp($1) } - 1) < 1e-9)
                    #expect(state.chosen.allSatisfy { law[$0] == -.infinity })
                    state.choose(place)
                }
            }
        }
    }

    /// What is there for the reserved place stands nowhere else, and changes no law of a policy without one.
    @Test(arguments: policies) func extrasAreForTheReservedPlaceAlone(_ policy: ComposedPolicy) {
        let without = FewCandidates.make([0.35, 0.25, 0.2, 0.12], young: [3], groups: [0, 0, 1, 1])
        for order in FewCandidates.orders(4, 2) {
            var (with, plain) = (SlateState(candidatesWithExtra), SlateState(without))
            for (slot, place) in order.enumerated() {
                let law = policy.logProbabilities(with)
                if policy.reserve?.place == slot + 1 {
                    #expect(law[4] > -.infinity)
                } else {
                    let expected = policy.logProbabilities(plain)
                    #expect(law[4] == -.infinity)
                    #expect(
                        zip(law, expected).allSatisfy { $0 == $1 || abs($0 - $1) < 1e-6 },
                        "\(policy.text) \(law) \(expected)")
                }
                with.choose(place)
                plain.choose(place)
            }
        }
    }

    /// 10,000 slates (3,000 of Thompson's) of three places, by the chi-square of all ordered slates. At 1e-6 the test of one policy would fail by chance once
    /// in a million seeds; the seed is fixed.
    @Test(arguments: policies) func slatesFollowTheLaw(_ policy: ComposedPolicy) {
        slates(of: policy, from: candidates)
    }

    @Test(arguments: policies.filter { $0.reserve != nil }) func slatesWithExtrasFollowTheLaw(_ policy: ComposedPolicy)
    {
        slates(of: policy, from: candidatesWithExtra)
    }

    private func slates(of policy: ComposedPolicy, from candidates: SlateCandidates) {
        let isThompson = policy.text.hasPrefix("thompson")
        let draws = isThompson ? 3_000 : 10_000
        var counts: [[Int]: Int] = [:]
        for draw in 0..<draws {
            // Seeds in a row would give streams of which one is the other a step later.
            var luck = SplitMix64(seed: UInt64(draw))
            let slate = policy.slate(from: candidates, length: 3, seed: luck.next())
            counts[slate.places, default: 0] += 1
            if draw < 60 {
                // What is logged is what the law says of the slate.
                let law = policy.logPropensities(of: slate.places, in: candidates)
                #expect(zip(slate.logPropensities, law).allSatisfy { abs($0 - $1) < 1e-9 })
            }
        }
        var statistic = 0.0
        var cells = 0.0
        var rest = (seen: 0.0, expected: 0.0)
        for order in FewCandidates.orders(5, 3) {
            let probability = PortableMath.exp(policy.logPropensities(of: order, in: candidates).reduce(0, +))
            let (seen, expected) = (Double(counts[order] ?? 0), probability * Double(draws))
            if expected == 0 { #expect(seen == 0) }
            // Cells of few are taken together.
            if expected < 10 {
                rest = (rest.seen + seen, rest.expected + expected)
            } else {
                statistic += (seen - expected) * (seen - expected) / expected
                cells += 1
            }
        }
        if rest.expected > 1 {
            statistic += (rest.seen - rest.expected) * (rest.seen - rest.expected) / rest.expected
            cells += 1
        }
        // Wilson and Hilferty: the 1 - 1e-6 quantile of chi-square.
        let freedom = max(1, cells - 1)
        let root = 1 - 2 / (9 * freedom) + 4.753 * (2 / (9 * freedom)).squareRoot()
        #expect(cells == 1 || statistic < freedom * root * root * root, "chi-square \(statistic) of \(freedom)")
    }

    @Test func thompsonIsTheLawOfNormalDraws() {
        let candidates = FewCandidates.make([0.5, 0.3, 0.2])
        let law = ThompsonPolicy(sigma: 1).logProbabilities(SlateState(candidates)).map { PortableMath.exp($0) }
        // Of 100,000 draws, each with its own luck: the standard error is below 0.0016.
        var generator = SplitMix64(seed: 3)
        var wins = [0.0, 0, 0]
        for _ in 0..<100_000 {
            let values = (0..<3).map {
                candidates.scores[$0] + candidates.deviations[$0] * generator.nextNormal()
            }
            wins[values.firstIndex(of: values.max() ?? 0) ?? 0] += 1
        }
        for item in 0..<3 { #expect(abs(law[item] - wins[item] / 100_000) < 0.006) }
    }

    @Test func normalDistributionFunctionIsThatOfTheTables() {
        for (z, value) in [(-8.0, 6.22096e-16), (-5.0, 2.86652e-7), (-2.0, 0.0227501), (0.0, 0.5), (1.5, 0.9331928)] {
            #expect(abs(PortableMath.exp(ThompsonPolicy.logNormalBelow(z)) / value - 1) < 2e-3)
        }
    }
}
