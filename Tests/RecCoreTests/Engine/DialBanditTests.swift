// The bandit over the dial finds what sells, and gives up what costs.
import Testing

@testable import RecCore

@Suite struct DialBanditTests {
    private let exploration = ExplorationSettings(temper: 0.2, temperature: 0.4, strangerTemperature: 0.3)

    /// Answers whose clicks come with a rate that depends on the policy.
    private func run(
        _ bandit: DialBandit, answers: Int, rate: (ComposedPolicy) -> Double
    ) throws -> [String: Int] {
        var generator = SplitMix64(seed: 4)
        var used: [String: Int] = [:]
        for number in 0..<answers {
            let policy = bandit.policy(
                for: "a\(number)", exploration: exploration, isStranger: false, seed: generator.next())
            used[policy.text, default: 0] += 1
            guard generator.nextUnit() < rate(policy) else { continue }
            let event = try Interaction(
                event: EventID("e\(number)"), user: UserID("u"), item: ItemID("i"), kind: .click,
                timestamp: Timestamp(milliseconds: 0), recommendation: "a\(number)")
            // Twice: an answer succeeds once.
            bandit.learn([event, event])
        }
        return used
    }

    @Test func armsThatCostAreGivenUp() throws {
        let bandit = DialBandit()
        _ = try run(bandit, answers: 20_000) { policy in
            if case .plackettLuce(let temperature) = policy.choice { 0.3 - 0.25 * temperature } else { 0.3 }
        }
        let arms = bandit.arms
        // The newest answers are not ripe.
        #expect(arms.map(\.answers).reduce(0, +) == 19_000)
        #expect(arms.allSatisfy { $0.successes <= $0.answers })
        // 0.6 nats cost half of the clicks: such arms are given up, or hardly asked any more.
        #expect(arms.allSatisfy { $0.temperature != 1.5 || $0.isGivenUp || $0.answers < 150 })
        #expect(arms[0].answers > arms.filter { $0.temperature == 1.5 }.map(\.answers).reduce(0, +) * 4)
    }

    @Test func whereAllSellAlikeTheDiscoveringOnesArePreferred() throws {
        var settings = DialBandit.Settings()
        settings.discovery = 0.2
        let bandit = DialBandit(settings)
        _ = try run(bandit, answers: 20_000) { _ in 0.2 }
        let arms = bandit.arms
        let far = arms.filter { $0.temperature >= 1 && $0.temper >= 0.5 }.map(\.answers).reduce(0, +)
        #expect(arms.allSatisfy { !$0.isGivenUp } && far > 10_000)
    }

    @Test func theSameStateAndSeedChooseTheSameArm() {
        let (one, other) = (DialBandit(), DialBandit())
        for number in 0..<200 as Range<UInt64> {
            #expect(
                one.policy(for: "a\(number)", exploration: exploration, isStranger: true, seed: number)
                    == other.policy(for: "a\(number)", exploration: exploration, isStranger: true, seed: number))
        }
    }

    @Test func oldAnswersGiveWay() throws {
        var settings = DialBandit.Settings()
        (settings.remembered, settings.ripening) = (10, 0)
        let bandit = DialBandit(settings)
        for number in 0..<30 {
            _ = bandit.policy(for: "a\(number)", exploration: exploration, isStranger: false, seed: 1)
        }
        func click(_ answer: String) throws -> Interaction {
            try Interaction(
                event: EventID(answer), user: UserID("u"), item: ItemID("i"), kind: .click,
                timestamp: Timestamp(milliseconds: 0), recommendation: answer)
        }
        bandit.learn([try click("a5"), try click("a25"), try click("never shown")])
        #expect(bandit.arms.map(\.successes).reduce(0, +) == 1)
    }
}
