// The reward model by counting, and that cross-fitting keeps a user's rewards away from the user's guesses.
import Testing

@testable import RecCore

@Suite struct OffPolicyRewardModelTests {
    /// 60 users with three rewards each.
    private func log(rewardOf user: Int? = nil, is other: Double = 0) -> [LoggedReward<String>] {
        (0..<60).flatMap { number in
            (0..<3).map { place in
                LoggedReward(
                    cluster: number, item: "item \((number + place) % 5)", place: place,
                    reward: number == user ? other : Double((number * 7 + place) % 3))
            }
        }
    }

    @Test func guessesAreSmoothedMeans() throws {
        let model = try RewardModel(
            [
                LoggedReward(cluster: 0, item: "a", place: 0, reward: 1),
                LoggedReward(cluster: 1, item: "a", place: 0, reward: 0),
                LoggedReward(cluster: 1, item: "a", place: 1, reward: 0),
                LoggedReward(cluster: 2, item: "b", place: 0, reward: 1),
            ], strength: 2)

        #expect(model.mean == 0.5)
        #expect(model.reward(of: "a", at: 0) == (1 + 2 * 0.5) / 4)
        #expect(model.reward(of: "a", at: 1) == (0 + 2 * 0.5) / 3)
        #expect(model.reward(of: "b", at: 1) == 0.5 && model.reward(of: "c", at: 0) == 0.5)
    }

    @Test func aUsersOwnRewardsDoNotChangeTheUsersGuesses() throws {
        for user in [0, 17, 59] {
            let before = try CrossFittedRewardModel(log())
            let after = try CrossFittedRewardModel(log(rewardOf: user, is: 1000))
            let guesses = [before, after].map { model in
                (0..<60).map { cluster in
                    (0..<15).map { model.reward(of: "item \($0 % 5)", at: $0 / 5, for: cluster) }
                }
            }

            #expect(guesses[0][user] == guesses[1][user])
            // One fold of twelve users was not fitted on it either; the other 48 users' was.
            #expect((0..<60).count { guesses[0][$0] == guesses[1][$0] } == 12)
        }
    }

    @Test func aUserWhoWasNotObservedIsAnsweredByAll() throws {
        let whole = try RewardModel(log())
        let model = try CrossFittedRewardModel(log())

        #expect(model.reward(of: "item 2", at: 1, for: -5) == whole.reward(of: "item 2", at: 1))
    }

    @Test func littleDataGivesGuessesToo() throws {
        let none = try CrossFittedRewardModel<Int>([])
        let one = try CrossFittedRewardModel([LoggedReward(cluster: 3, item: 1, place: 0, reward: 4)])
        let unsmoothed = try RewardModel([LoggedReward(cluster: 3, item: 1, place: 0, reward: 4)], strength: 0)

        #expect(none.reward(of: 1, at: 0, for: 3) == 0)
        #expect(one.reward(of: 1, at: 0, for: 3) == 0 && one.reward(of: 1, at: 0, for: 4) == 4)
        #expect(unsmoothed.reward(of: 1, at: 0) == 4 && unsmoothed.reward(of: 2, at: 0) == 4)
    }

    @Test func whatCannotBeFittedIsNamed() {
        let broken = [LoggedReward(cluster: 0, item: 1, place: 4, reward: .nan)]

        #expect(throws: OffPolicyError.observations("a reward at place 4 is nan: not a finite number")) {
            try RewardModel(broken)
        }
        #expect(throws: OffPolicyError.self) { try RewardModel<Int>([], strength: -1) }
        #expect(throws: OffPolicyError.self) { try CrossFittedRewardModel<Int>([], folds: 1) }
    }
}
