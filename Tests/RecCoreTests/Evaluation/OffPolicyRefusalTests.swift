// Numbers that must not be believed: each reason, with its figures, and inputs that give no number at all.
import Testing

@testable import RecCore

@Suite struct OffPolicyRefusalTests {
    /// Slates of one place with given weights, one user each.
    private func slates(_ weights: [Double], cluster: Int? = nil) throws -> [LoggedSlate] {
        try weights.enumerated().map { number, weight in
            try LoggedSlate(cluster: cluster ?? number, rewards: [1], logged: [-400], evaluated: [-400 + logOf(weight)])
        }
    }

    private func ones(_ count: Int) -> [Double] { Array(repeating: 1, count: count) }

    @Test func aSoundLogIsNotRefused() throws {
        for estimate in OffPolicyEstimate.estimates(try slates(ones(100))) {
            #expect(estimate.refusal == nil && estimate.interval != nil, "\(estimate.estimator)")
            #expect(
                abs(estimate.effectiveSampleSize - 100) < 1e-9 && estimate.meanWeight == 1
                    && estimate.largestWeight == 1)
        }
    }

    @Test func anEmptyLogIsRefused() {
        for estimate in OffPolicyEstimate.estimates([]) {
            #expect(estimate.value == nil && estimate.interval == nil && estimate.refusal == .noSlates)
            #expect(estimate.effectiveSampleSize == 0 && estimate.meanWeight == 0)
        }
    }

    @Test func oneUserHasAValueAndNoInterval() throws {
        for estimate in OffPolicyEstimate.estimates(try slates(ones(200), cluster: 7)) {
            #expect(estimate.value != nil && estimate.interval == nil)
            #expect(estimate.refusal == .oneCluster(slates: 200))
        }
    }

    @Test func aPolicyThatDoesNothingOfTheLogIsRefused() throws {
        let never = try (0..<200).map {
            try LoggedSlate(cluster: $0, rewards: [1], logged: [-1], evaluated: [-.infinity])
        }

        for estimate in OffPolicyEstimate.estimates(never) {
            #expect(estimate.refusal?.description.contains("none of the 200 logged slates") == true)
            #expect(estimate.value == nil || estimate.value == 0)
            #expect(estimate.effectiveSampleSize == 0 && estimate.largestWeight == 0)
        }
        #expect(OffPolicyEstimate.estimate(never, by: .snips).value == nil)
        #expect(OffPolicyEstimate.estimate(never, by: .ips).value == 0)
    }

    @Test func fewEffectiveSlatesAreToldWithFigures() throws {
        // 12 slates weigh 800, the rest nothing worth telling: mean weight 0.96.
        let weights = [Double](repeating: 800, count: 12) + [Double](repeating: 1e-9, count: 9988)
        let estimate = OffPolicyEstimate.estimate(
            try slates(weights), by: .snips, settings: try .withoutInterval())

        let sentence = try #require(estimate.refusal).description
        #expect(sentence.hasPrefix("effective sample size 12 of 10,000 slates, where 100 are needed: "))
        #expect(sentence.contains("log with more exploration or evaluate a policy nearer to the log's"))
        #expect(abs(estimate.effectiveSampleSize - 12) < 1e-3 && abs(estimate.largestWeight - 800) < 1e-6)
    }

    @Test func aShortLogIsToldToBeShort() throws {
        let sentence = try #require(OffPolicyEstimate.estimate(try slates(ones(99)), by: .ips).refusal).description

        #expect(
            sentence
                == "effective sample size 99 of 99 slates, where 100 are needed: the log is too short; log more slates")
    }

    @Test func strangeMeanWeightsAreToldWithFigures() throws {
        func refusal(_ weight: Double) throws -> String? {
            OffPolicyEstimate.estimate(
                try slates(Array(repeating: weight, count: 1000)), by: .dm, settings: try .withoutInterval()
            ).refusal?.description
        }

        #expect(try refusal(0.91) == nil && refusal(1.09) == nil)
        #expect(
            try refusal(0.85)?.hasPrefix(
                "mean weight 0.85 over 1,000 slates, largest 0.85, where 0.9 to 1.1 is sound: the evaluated policy does what"
            )
                == true)
        #expect(try refusal(3.13)?.hasPrefix("mean weight 3.13 over 1,000 slates, largest 3.13, where") == true)
    }

    /// Slates of three places of which the last is hardly ever done: whole slates and RIPS are refused there, IIPS is
    /// not.
    @Test func theWorstPlaceDecidesForEstimatorsOfPlaces() throws {
        let slates = try (0..<1000).map { number in
            let weight = number < 20 ? 50 : 1e-9
            return try LoggedSlate(
                cluster: number, rewards: [1, 0, 0], logged: [-9, -9, -9], evaluated: [-9, -9, -9 + logOf(weight)],
                loggedMarginal: [-9, -9, -9], evaluatedMarginal: [-9, -9, -9])
        }

        let rips = OffPolicyEstimate.estimate(slates, by: .rips, settings: try .withoutInterval())
        let iips = OffPolicyEstimate.estimate(slates, by: .iips, settings: try .withoutInterval())
        let sips = OffPolicyEstimate.estimate(slates, by: .sips, settings: try .withoutInterval())

        #expect(rips.refusal?.description.contains("effective sample size 20 of 1,000 slates at place 3") == true)
        #expect(rips.places.map { $0.effectiveSampleSize.rounded() } == [1000, 1000, 20])
        #expect(sips.refusal?.description.contains("effective sample size 20 of 1,000 slates, where") == true)
        #expect(iips.refusal == nil && iips.effectiveSampleSize.rounded() == 20)
    }

    @Test func missingMarginalsAreCounted() throws {
        let slates = try (0..<150).map {
            try LoggedSlate(cluster: $0, rewards: [1, 1], logged: [-1, -1], evaluated: [-1, -1])
        }

        let estimate = OffPolicyEstimate.estimate(slates, by: .iips)

        #expect(estimate.value == nil && estimate.interval == nil)
        #expect(estimate.refusal?.description.hasPrefix("150 of 150 slates have no marginal propensities") == true)
        #expect(OffPolicyEstimate.estimate(slates, by: .rips).refusal == nil)
    }

    /// Weights past the range of Double, rewards past it: a refusal, never NaN.
    @Test func whatLeavesTheRangeOfNumbersIsRefused() throws {
        let heavy = try (0..<200).map {
            try LoggedSlate(cluster: $0, rewards: [0, 1], logged: [-900, -900], evaluated: [-1, -1])
        }
        let rich = try (0..<200).map {
            try LoggedSlate(cluster: $0, rewards: [1e308], logged: [-1], evaluated: [-1])
        }

        for estimate in OffPolicyEstimate.estimates(heavy) {
            #expect(estimate.refusal != nil)
            #expect(estimate.value?.isFinite != false && estimate.effectiveSampleSize.isFinite)
        }
        let estimate = OffPolicyEstimate.estimate(rich, by: .ips)
        #expect(estimate.value == nil && estimate.refusal == .overflow(slates: 200))
    }
}
