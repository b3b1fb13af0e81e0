// What holds for every log: limits of the estimators, intervals, and what a logged slate refuses to be.
import Testing

@testable import RecCore

@Suite struct OffPolicyPropertyTests {
    /// Single decisions: five actions, logged in unequal shares, rewards between 0.2 and 0.9, a model.
    private func decisions(
        _ count: Int = 500, seed: UInt64 = 3, hasModel: Bool = true, isOnPolicy: Bool = false
    ) throws -> [LoggedSlate] {
        var generator = SplitMix64(seed: seed)
        let logging = PlackettLuce(weights: [5, 4, 3, 2, 1])
        let evaluated = isOnPolicy ? logging : PlackettLuce(weights: [1, 1, 2, 4, 5])
        let model = [0.3, 0.5, 0.2, 0.6, 0.4]
        let expected = zip(evaluated.next(after: []), model).reduce(0) { $0 + $1.0 * $1.1 }
        return try (0..<count).map { number in
            let action = logging.draw(1, using: &generator)
            return try LoggedSlate(
                cluster: number / 2, rewards: [0.2 + 0.7 * generator.nextUnit()], logged: logging.logarithms(action),
                evaluated: evaluated.logarithms(action), predicted: hasModel ? [model[action[0]]] : nil,
                expected: hasModel ? [expected] : nil)
        }
    }

    private func value(
        _ slates: [LoggedSlate], _ estimator: OffPolicyEstimator, _ settings: OffPolicyEstimator.Settings? = nil
    ) throws -> Double {
        try #require(
            OffPolicyEstimate.estimate(slates, by: estimator, settings: settings ?? .withoutInterval()).value)
    }

    private func meanReward(_ slates: [LoggedSlate]) -> Double {
        slates.reduce(0) { $0 + $1.rewards.reduce(0, +) } / Double(slates.count)
    }

    @Test func withoutAModelDoublyRobustIsWeighting() throws {
        let slates = try decisions(hasModel: false)

        #expect(try value(slates, .dr) == value(slates, .ips))
        #expect(try value(slates, .sndr) == value(slates, .snips))
        #expect(try value(slates, .cascadeDR) == value(slates, .rips))
        #expect(try value(slates, .dm) == 0)
    }

    @Test func oneDecisionIsTheSameForSlateEstimators() throws {
        let slates = try decisions()

        #expect(abs(try value(slates, .iips) - value(slates, .ips)) < 1e-12)
        #expect(abs(try value(slates, .rips) - value(slates, .ips)) < 1e-12)
        #expect(abs(try value(slates, .snRIPS) - value(slates, .snips)) < 1e-12)
        #expect(abs(try value(slates, .cascadeDR) - value(slates, .dr)) < 1e-12)
    }

    /// 1e-12: Double sums of 500 terms.
    @Test func thePolicyOfTheLogEarnsTheMeanReward() throws {
        let slates = try decisions(hasModel: false, isOnPolicy: true)

        for estimator in OffPolicyEstimator.allCases where estimator != .dm && estimator != .drOS {
            #expect(abs(try value(slates, estimator) - meanReward(slates)) < 1e-12, "\(estimator)")
        }
    }

    /// DR too, with a model, where the model's guesses and expectations balance: as when the guess is the place's
    /// alone.
    @Test func aModelOfThePlaceAloneDoesNotMoveTheMeanReward() throws {
        let slates = try decisions(isOnPolicy: true).map {
            try LoggedSlate(
                cluster: $0.cluster, rewards: $0.rewards, logged: $0.logged, evaluated: $0.evaluated, predicted: [0.4],
                expected: [0.4])
        }

        for estimator in [OffPolicyEstimator.dr, .sndr, .switchDR, .cascadeDR] {
            #expect(abs(try value(slates, estimator) - meanReward(slates)) < 1e-12, "\(estimator)")
        }
    }

    @Test func normalisedWeightsStayInTheRangeOfRewards() throws {
        for seed in 1...20 {
            let slates = try decisions(5, seed: UInt64(seed))
            let estimate = OffPolicyEstimate.estimate(slates, by: .snips)
            let rewards = slates.map { $0.rewards[0] }
            let value = try #require(estimate.value)
            let interval = try #require(estimate.interval)
            #expect(try #require(rewards.min()) <= min(value, interval.low) + 1e-12)
            #expect(try #require(rewards.max()) >= max(value, interval.high) - 1e-12)
        }
    }

    @Test func cutsAtTheirLimitsAreTheEstimatorsBetweenWhichTheyStand() throws {
        let slates = try decisions()

        let none = try OffPolicyEstimator.Settings.withoutInterval(clip: 1e300, switchAt: 1e300, shrinkage: 1e200)
        let all = try OffPolicyEstimator.Settings.withoutInterval(switchAt: 0, shrinkage: 0)

        #expect(try value(slates, .clipped, none) == value(slates, .ips))
        #expect(try value(slates, .switchDR, none) == value(slates, .dr))
        #expect(abs(try value(slates, .drOS, none) - value(slates, .dr)) < 1e-12)
        #expect(try value(slates, .switchDR, all) == value(slates, .dm))
        #expect(try value(slates, .drOS, all) == value(slates, .dm))
    }

    /// 400 users: 1.96 standard errors of a mean. 13 %: four standard errors of the mean of two percentiles of 1,000
    /// resamples.
    @Test func theIntervalOfAPlainMeanIsTheClosedForm() throws {
        var generator = SplitMix64(seed: 8)
        let rewards = (0..<400).map { _ in generator.nextUnit() < 0.3 ? 1.0 : 0 }
        func estimate(repeated count: Int) throws -> OffPolicyEstimate {
            let slates = try rewards.enumerated().flatMap { user, reward in
                try (0..<count).map { _ in
                    try LoggedSlate(cluster: user, rewards: [reward], logged: [-1], evaluated: [-1])
                }
            }
            return OffPolicyEstimate.estimate(slates, by: .ips)
        }
        let mean = rewards.reduce(0, +) / 400
        let margin = 1.96 * (mean * (1 - mean) / 400).squareRoot()

        let once = try estimate(repeated: 1)
        let fiveTimes = try estimate(repeated: 5)

        #expect(abs(try #require(once.value) - mean) < 1e-12)
        #expect(abs(try #require(once.interval).margin - margin) < 0.13 * margin)
        // The same user five times is no new knowledge.
        #expect(abs(try #require(fiveTimes.interval).margin - (try #require(once.interval).margin)) < 1e-9)
        #expect(fiveTimes.slates == 2000 && fiveTimes.clusters == 400)
    }

    @Test func oneByOneOrTogetherIsTheSame() throws {
        let slates = try decisions()
        let together = OffPolicyEstimate.estimates(slates, seed: 4)

        for (place, estimator) in OffPolicyEstimator.allCases.enumerated() {
            #expect(OffPolicyEstimate.estimate(slates, by: estimator, seed: 4) == together[place])
        }
        #expect(OffPolicyEstimate.estimate(slates, by: .dr, seed: 5).interval != together[4].interval)
        #expect(Parallel.$isSerial.withValue(true) { OffPolicyEstimate.estimates(slates, seed: 4) } == together)
    }

    @Test func whatNoLogCanHoldIsNamed() throws {
        func fault(
            rewards: [Double] = [0, 1], logged: [Double] = [-1, -1], evaluated: [Double] = [-1, -1],
            predicted: [Double]? = nil, expected: [Double]? = nil, loggedMarginal: [Double]? = nil,
            evaluatedMarginal: [Double]? = nil
        ) -> String {
            do throws(OffPolicyError) {
                _ = try LoggedSlate(
                    cluster: 0, rewards: rewards, logged: logged, evaluated: evaluated, predicted: predicted,
                    expected: expected, loggedMarginal: loggedMarginal, evaluatedMarginal: evaluatedMarginal)
                return ""
            } catch {
                return error.description
            }
        }

        #expect(fault() == "")
        #expect(fault(logged: [1e-10, -1], evaluated: [-.infinity, 1e-9]) == "")
        #expect(fault(rewards: []).contains("at least one place"))
        #expect(fault(rewards: [0, .nan]).contains("reward at place 2"))
        #expect(fault(logged: [-1]).contains("2 rewards, but 1 of logged log-propensity"))
        #expect(fault(logged: [-1, 0.2]).contains("logged log-propensity at place 2 is 0.2: above 0"))
        #expect(fault(logged: [-.infinity, -1]).contains("place 1 is -inf: the logarithm of 0, and yet it was logged"))
        #expect(fault(evaluated: [.nan, -1]).contains("evaluated log-propensity at place 1"))
        #expect(fault(evaluated: [-1, 1e-8]).contains("above 0"))
        #expect(fault(predicted: [0, 0]).contains("both or neither"))
        #expect(fault(predicted: [0, 0], expected: [0, .infinity]).contains("expected reward at place 2"))
        #expect(fault(loggedMarginal: [-1, -1]).contains("both or neither"))
        #expect(fault(loggedMarginal: [-1, 2], evaluatedMarginal: [-1, -1]).contains("logged marginal"))
    }

    @Test func settingsOutOfRangeAreNamed() {
        #expect(throws: OffPolicyError.self) { try OffPolicyEstimator.Settings(clip: 0) }
        #expect(throws: OffPolicyError.self) { try OffPolicyEstimator.Settings(switchAt: .nan) }
        #expect(throws: OffPolicyError.self) { try OffPolicyEstimator.Settings(shrinkage: .infinity) }
        #expect(throws: OffPolicyError.self) { try OffPolicyEstimator.Settings(resamples: -1) }
    }
}
