// Policies and a small world of slates whose true values are known, for the tests of off-policy estimates.
import Testing

@testable import RecCore

/// Draws slates without repetition, each place in proportion to the weights of what is left (Plackett 1975, Luce 1959).
struct PlackettLuce {
    let weights: [Double]

    /// Probability of each item at the next place.
    func next(after prefix: [Int]) -> [Double] {
        let left = weights.indices.map { prefix.contains($0) ? 0 : weights[$0] }
        let total = left.reduce(0, +)
        return left.map { $0 / total }
    }

    /// ln pi(a_l | a_1 ... a_{l-1}) of each place.
    func logarithms(_ slate: [Int]) -> [Double] {
        slate.indices.map { logOf(next(after: Array(slate[..<$0]))[slate[$0]]) }
    }

    func probability(_ slate: [Int]) -> Double { expOf(logarithms(slate).reduce(0, +)) }

    /// ln of the probability of each item of the slate at its place, by enumeration.
    func marginalLogarithms(_ slate: [Int]) -> [Double] {
        let all = permutations(of: weights.count, places: slate.count)
        return slate.indices.map { place in
            logOf(all.filter { $0[place] == slate[place] }.reduce(0) { $0 + probability($1) })
        }
    }

    func draw(_ places: Int, using generator: inout SplitMix64) -> [Int] {
        var slate: [Int] = []
        for _ in 0..<places {
            var left = generator.nextUnit()
            let probabilities = next(after: slate)
            let item = probabilities.indices.first { item in
                left -= probabilities[item]
                return left < 0
            }
            slate.append(item ?? weights.indices.first { !slate.contains($0) } ?? 0)
        }
        return slate
    }
}

/// All ordered choices of `places` out of `items`.
func permutations(of items: Int, places: Int) -> [[Int]] {
    (0..<places).reduce([[]]) { slates, _ in
        slates.flatMap { slate in (0..<items).filter { !slate.contains($0) }.map { slate + [$0] } }
    }
}

/// Four items, slates of three. People browse from the top: a click at a place depends on its item and on those above
/// it.
struct CascadeWorld {
    static let places = 3
    let logging = PlackettLuce(weights: [0.4, 0.3, 0.2, 0.1])
    let evaluated = PlackettLuce(weights: [0.15, 0.2, 0.3, 0.35])

    /// Chance of a click at each place.
    func chances(_ slate: [Int]) -> [Double] {
        let appeal = [0.1, 0.2, 0.5, 0.35]
        return slate.indices.map { place in
            place == 0
                ? appeal[slate[0]] : appeal[slate[place]] * (1 - appeal[slate[place - 1]]) * (slate[0] == 2 ? 0.3 : 1)
        }
    }

    /// A model that is wrong on purpose.
    func guess(_ item: Int, _ place: Int) -> Double { [0.3, 0.1, 0.25, 0.4][item] / Double(place + 1) }

    /// The expected clicks of a slate of the evaluated policy, by enumeration.
    var value: Double {
        permutations(of: 4, places: Self.places).reduce(0) {
            $0 + evaluated.probability($1) * chances($1).reduce(0, +)
        }
    }

    func logged(_ slate: [Int], rewards: [Double]) throws -> LoggedSlate {
        let places = Array(slate.indices)
        return try LoggedSlate(
            cluster: 0, rewards: rewards, logged: logging.logarithms(slate),
            evaluated: evaluated.logarithms(slate), predicted: places.map { guess(slate[$0], $0) },
            expected: places.map { place in
                let next = evaluated.next(after: Array(slate[..<place]))
                return next.indices.reduce(0) { $0 + next[$1] * guess($1, place) }
            },
            loggedMarginal: logging.marginalLogarithms(slate),
            evaluatedMarginal: evaluated.marginalLogarithms(slate))
    }

    func draw(_ count: Int, seed: UInt64) throws -> [LoggedSlate] {
        var generator = SplitMix64(seed: seed)
        // Propensities are the same for the same slate, and there are 24.
        var known: [[Int]: LoggedSlate] = [:]
        for slate in permutations(of: 4, places: Self.places) { known[slate] = try logged(slate, rewards: [0, 0, 0]) }
        return try (0..<count).map { number in
            let slate = logging.draw(Self.places, using: &generator)
            let clicks = chances(slate).map { generator.nextUnit() < $0 ? 1.0 : 0 }
            let like = try #require(known[slate])
            return try LoggedSlate(
                cluster: number, rewards: clicks, logged: like.logged, evaluated: like.evaluated,
                predicted: like.predicted, expected: like.expected)
        }
    }
}

extension OffPolicyEstimator.Settings {
    /// Without a bootstrap.
    static func withoutInterval(clip: Double = 10, switchAt: Double = 10, shrinkage: Double = 100) throws -> Self {
        try Self(clip: clip, switchAt: switchAt, shrinkage: shrinkage, resamples: 0)
    }
}
