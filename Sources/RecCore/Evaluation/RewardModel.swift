// What an item earns at a place, by counting: the model that doubly robust estimates lean on.

/// A reward that was logged.
public struct LoggedReward<Item: Hashable & Sendable>: Sendable {
    /// The number of the user.
    public let cluster: Int
    /// What was shown.
    public let item: Item
    /// Where it was shown, counted from 0.
    public let place: Int
    /// What it earned, in any unit.
    public let reward: Double
    /// - Parameters:
    ///   - cluster: number of the user.
    ///   - item: what was shown.
    ///   - place: counted from 0.
    ///   - reward: what it earned.
    public init(cluster: Int, item: Item, place: Int, reward: Double) {
        (self.cluster, self.item, self.place, self.reward) = (cluster, item, place, reward)
    }
}

/// The smoothed mean reward of each item at each place:
///
///     q(a, l) = (sum of rewards of a at l + strength * m) / (times a stood at l + strength)
///
/// m is the mean reward of all observations. An item that never stood at a place has q = m: `strength` observations of
/// m stand in for what is not known (a Beta prior for clicks). DR stays unbiased with any q, provided that q was not
/// fitted on the very rewards that it corrects: see ``CrossFittedRewardModel``.
public struct RewardModel<Item: Hashable & Sendable>: Sendable {
    private struct Cell: Hashable, Sendable {
        let item: Item
        let place: Int
    }

    private let cells: [Cell: Double]
    /// m; 0 without observations.
    public let mean: Double

    /// - Parameters:
    ///   - observations: rewards of items at places.
    ///   - strength: how many observations the overall mean counts for, from 0 up.
    /// - Throws: ``OffPolicyError`` for a strength or a reward that is not a finite number.
    /// - Complexity: O(observations).
    public init(_ observations: some Sequence<LoggedReward<Item>>, strength: Double = 50) throws(OffPolicyError) {
        guard strength >= 0, strength.isFinite else {
            throw .settings("the strength must be a finite number from 0 up, not \(strength)")
        }
        var sums: [Cell: (reward: Double, count: Double)] = [:]
        var total = (reward: 0.0, count: 0.0)
        for seen in observations {
            guard seen.reward.isFinite else {
                throw .observations("a reward at place \(seen.place) is \(seen.reward): not a finite number")
            }
            let cell = Cell(item: seen.item, place: seen.place)
            sums[cell, default: (0, 0)].reward += seen.reward
            sums[cell, default: (0, 0)].count += 1
            total.reward += seen.reward
            total.count += 1
        }
        let mean = total.count > 0 ? total.reward / total.count : 0
        self.mean = mean
        cells = sums.mapValues { ($0.reward + strength * mean) / ($0.count + strength) }
    }

    /// q(item, place).
    public func reward(of item: Item, at place: Int) -> Double { cells[Cell(item: item, place: place)] ?? mean }
}

/// Reward models of which none is asked about users whose rewards it was fitted on.
///
/// Users fall into K folds; fold k is answered by the model of all other folds. Then q and the rewards that DR corrects
/// by it are independent, as unbiasedness needs (cross-fitting: Chernozhukov et al., Double/debiased machine learning,
/// Econometrics Journal 2018).
public struct CrossFittedRewardModel<Item: Hashable & Sendable>: Sendable {
    private let models: [RewardModel<Item>]
    private let whole: RewardModel<Item>
    private let folds: [Int: Int]

    /// - Parameters:
    ///   - observations: rewards of items at places, with their users.
    ///   - count: K, from 2 up; no more than there are users are made.
    ///   - strength: as of ``RewardModel``.
    ///   - seed: of the cut into folds, which are of one size up to one user.
    /// - Throws: ``OffPolicyError`` for settings out of range and rewards that are not finite numbers.
    /// - Complexity: O(count * observations + users * log users).
    public init(
        _ observations: [LoggedReward<Item>], folds count: Int = 5, strength: Double = 50, seed: UInt64 = 20
    ) throws(OffPolicyError) {
        guard count >= 2 else { throw .settings("cross-fitting needs 2 folds at least, not \(count)") }
        whole = try RewardModel(observations, strength: strength)
        var generator = SplitMix64(seed: seed)
        let users = Set(observations.map(\.cluster)).sorted().shuffled(using: &generator)
        let count = min(count, users.count)
        let folds = Dictionary(uniqueKeysWithValues: users.enumerated().map { ($1, $0 % max(count, 1)) })
        var models: [RewardModel<Item>] = []
        for fold in 0..<count {
            models.append(try RewardModel(observations.filter { folds[$0.cluster] != fold }, strength: strength))
        }
        (self.models, self.folds) = (models, folds)
    }

    /// q(item, place), not fitted on any reward of the user `cluster`. A user who was not observed is answered by the
    /// model of all.
    ///
    /// Of a single user's log nothing is left to fit on, and all guesses are 0.
    public func reward(of item: Item, at place: Int, for cluster: Int) -> Double {
        (folds[cluster].map { models[$0] } ?? whole).reward(of: item, at: place)
    }
}
