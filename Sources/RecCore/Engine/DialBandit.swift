// Learns from clicks how far the discovery dial may be turned. Off by default.
import Synchronization

/// A bandit over strengths of the stochastic policy: multiples of the calibrated temper and temperature, the first of them greedy.
///
/// Each answer is given by one arm; an answer with at least one event of the stated kind is a success. Arms are drawn by Thompson
/// sampling (Chapelle and Li, An Empirical Evaluation of Thompson Sampling, NIPS 2011) from Beta(1 + successes, 1 + failures), each with
/// the discovery that it stands for added to its draw, among those that are not known to lose more than the stated share: an arm whose
/// success rate is three standard errors below (1 - loss) times greedy's is given up (Kazerouni et al., Conservative Contextual Linear
/// Bandits, NIPS 2017, in its simplest form). The choice does not look at the user, so that each answer's propensities, which are those
/// of its arm's policy, stay exact given the policy that the log names.
public final class DialBandit: Sendable {
    /// What the bandit maximises, and what it may cost.
    public struct Settings: Sendable, Hashable {
        /// The kind of event that is a success.
        public var reward = InteractionKind.click
        /// Share of greedy's success rate that an arm may lose.
        public var loss = 0.03
        /// What an arm's discovery is worth, as a share of greedy's success rate at full strength: among arms that sell alike, the one that
        /// discovers more is preferred.
        public var discovery = 0.02
        /// Strengths relative to the calibrated one; 0 = greedy, which always takes part.
        public var strengths = [0, 0.5, 1, 1.5]
        /// Answers whose arm is remembered until their events come.
        public var remembered = 100_000
        /// Answers after which one is counted, as a success or not: events need time.
        public var ripening = 1_000
        /// Clicks; a loss of 3 %; four strengths.
        public init() {}
    }

    /// What is known of one arm.
    public struct Arm: Sendable, Hashable {
        /// The discovery dial of the arm's policy: nats for each nat of an item's share of events.
        public let temper: Double
        /// Of the arm's policy, in nats; 0 = greedy.
        public let temperature: Double
        /// Answers that are old enough to be counted.
        public var answers = 0
        /// Those of them with an event of the kind that counts.
        public var successes = 0
        /// Whether it is given up for what it cost.
        public var isGivenUp = false
        /// Successes / answers; 0 without answers.
        public var rate: Double { answers > 0 ? Double(successes) / Double(answers) : 0 }
    }

    private struct Answer {
        let arm: Int
        var isSuccess = false
        var isCounted = false
    }
    private struct State {
        var arms: [Arm]
        var pending: [String: Answer] = [:]
        /// Names of answers, oldest first from `oldest` on.
        var order: [String] = []
        var oldest = 0
        var given = 0
    }
    private let state: Mutex<State>
    /// What it was made with.
    public let settings: Settings

    /// A bandit that knows nothing; greedy takes part whatever the settings say.
    public init(_ settings: Settings = Settings()) {
        self.settings = settings
        let strengths = [0] + settings.strengths.filter { $0 > 0 && $0.isFinite }
        state = Mutex(
            State(
                arms: strengths.flatMap { temperature in
                    (temperature == 0 ? [0] : [0, 0.5, 1]).map { Arm(temper: $0, temperature: temperature) }
                }))
    }

    /// What is known of each arm; the first is greedy.
    public var arms: [Arm] {
        var arms = state.withLock { $0.arms }
        for place in arms.indices.dropFirst() { arms[place].isGivenUp = losesTooMuch(arms[place], arms[0]) }
        return arms
    }

    /// The arm of an answer, and the policy it stands for.
    /// - Parameter seed: of the answer: the same state and seed choose the same arm.
    func policy(for answer: String, exploration: ExplorationSettings, isStranger: Bool, seed: UInt64) -> ComposedPolicy
    {
        // Drawn outside the lock: ten arms take some 20 microseconds, and every request comes by here.
        let arms = arms
        let chosen = Self.choose(arms, settings, seed)
        state.withLock { remember(answer, chosen, &$0) }
        let arm = arms[chosen]
        guard arm.temperature > 0 else { return ComposedPolicy(.greedy, reserve: exploration.reserve) }
        var scaled = exploration
        scaled.temper *= arm.temper
        scaled.temperature *= arm.temperature
        scaled.strangerTemperature *= arm.temperature
        return scaled.policy(forStranger: isStranger)
    }

    /// Takes in what became of answers; of several events of one answer the first counts.
    func learn(_ interactions: [Interaction]) {
        state.withLock { state in
            for event in interactions where event.kind == settings.reward {
                guard let name = event.recommendation, var answer = state.pending[name], !answer.isSuccess else {
                    continue
                }
                answer.isSuccess = true
                if answer.isCounted { state.arms[answer.arm].successes += 1 }
                state.pending[name] = answer
            }
        }
    }

    private static func choose(_ arms: [Arm], _ settings: Settings, _ seed: UInt64) -> Int {
        var generator = SplitMix64(seed: seed ^ 0x6469_616c)
        var best = 0
        var highest = -Double.infinity
        for (place, arm) in arms.enumerated() where !arm.isGivenUp {
            let bonus = settings.discovery * arms[0].rate * (arm.temper + arm.temperature) / 2
            let value = beta(arm, &generator) + bonus
            if value > highest { (best, highest) = (place, value) }
        }
        return best
    }

    /// Three standard errors between two rates, as the test is made anew with every answer; once both have enough answers to be
    /// compared by their normal approximation.
    private func losesTooMuch(_ arm: Arm, _ greedy: Arm) -> Bool {
        guard arm.answers >= 100, greedy.answers >= 100 else { return false }
        let floor = (1 - settings.loss) * greedy.rate
        let variance =
            arm.rate * (1 - arm.rate) / Double(arm.answers)
            + (1 - settings.loss) * (1 - settings.loss) * greedy.rate * (1 - greedy.rate) / Double(greedy.answers)
        return arm.rate + 3 * max(variance, 1e-12).squareRoot() < floor
    }

    /// Beta(1 + successes, 1 + failures) by its normal approximation above 50 of each, else by the ratio of two sums of exponentials.
    private static func beta(_ arm: Arm, _ generator: inout SplitMix64) -> Double {
        let (a, b) = (Double(arm.successes + 1), Double(max(0, arm.answers - arm.successes) + 1))
        if min(a, b) > 50 {
            let mean = a / (a + b)
            return mean + Double(generator.nextNormal()) * (mean * (1 - mean) / (a + b + 1)).squareRoot()
        }
        func gamma(_ shape: Double) -> Double {
            // The sum of so many exponentials; of many, by the normal approximation.
            guard shape <= 200 else { return max(1, shape + Double(generator.nextNormal()) * shape.squareRoot()) }
            return (0..<Int(shape)).reduce(0.0) { sum, _ in sum - PortableMath.log(generator.nextUnit()) }
        }
        let (x, y) = (gamma(a), gamma(b))
        return x / (x + y)
    }

    private func remember(_ name: String, _ arm: Int, _ state: inout State) {
        state.pending[name] = Answer(arm: arm)
        let size = max(1, settings.remembered)
        if state.order.count < size {
            state.order.append(name)
        } else {
            // A ring: the oldest answer gives way.
            let oldest = state.order[state.oldest]
            count(oldest, &state)
            state.pending[oldest] = nil
            state.order[state.oldest] = name
            state.oldest = (state.oldest + 1) % size
        }
        state.given += 1
        // The answer that is `ripening` old now.
        let back = max(0, settings.ripening)
        guard back < state.order.count, state.given > back else { return }
        let newest = (state.oldest + state.order.count - 1) % state.order.count
        count(state.order[(newest + state.order.count - back) % state.order.count], &state)
    }

    private func count(_ name: String, _ state: inout State) {
        guard var answer = state.pending[name], !answer.isCounted else { return }
        answer.isCounted = true
        state.arms[answer.arm].answers += 1
        if answer.isSuccess { state.arms[answer.arm].successes += 1 }
        state.pending[name] = answer
    }
}
