// The policies that mostly show the best: greedy, and epsilon-greedy.

/// Always the candidate with the highest score; equal scores by the candidates' order.
public struct GreedyPolicy: RankingPolicy {
    public var text: String { "greedy" }
    /// It has no settings.
    public init() {}

    static func best(_ logits: [Double]) -> Int? {
        var best: Int?
        var highest = -Double.infinity
        for (candidate, value) in logits.enumerated() where value > highest { (best, highest) = (candidate, value) }
        return best
    }

    public func logProbabilities(_ state: SlateState) -> [Double] { Self.law(of: state.logits) }

    static func law(of logits: [Double]) -> [Double] {
        var law = [Double](repeating: -.infinity, count: logits.count)
        if let best = best(logits) { law[best] = 0 }
        return law
    }

    /// - Complexity: O(candidates log length).
    public func slate(from state: SlateState, length: Int, using generator: inout SplitMix64) -> RankedSlate {
        let order = Self.order(state.logits, count: length - state.chosen.count)
        return RankedSlate(
            places: state.chosen + order, logPropensities: Array(repeating: 0, count: order.count))
    }

    /// Places of the largest values above -infinity, largest first, equal ones by place.
    static func order(_ values: [Double], count: Int) -> [Int] {
        let count = min(count, values.count)
        guard count > 0 else { return [] }
        // A sorted list of the best so far: lists are short, and most values fall below its end at once.
        var best: [Int] = []
        best.reserveCapacity(count + 1)
        values.withUnsafeBufferPointer { values in
            var floor = -Double.infinity
            for place in values.indices {
                let value = values[place]
                guard value > floor else { continue }
                var slot = best.count
                best.append(place)
                while slot > 0, values[best[slot - 1]] < value {
                    best[slot] = best[slot - 1]
                    slot -= 1
                }
                best[slot] = place
                if best.count > count { best.removeLast() }
                if best.count == count { floor = values[best[count - 1]] }
            }
        }
        return best
    }
}

/// With probability epsilon any candidate, each as likely as another, else the best (Sutton and Barto, Reinforcement Learning, 2.2).
public struct EpsilonGreedyPolicy: RankingPolicy {
    /// 0...1.
    public let epsilon: Double
    public var text: String { "epsilon_greedy(\(epsilon))" }
    /// A value outside 0...1 becomes the nearest one in it.
    public init(epsilon: Double) { self.epsilon = min(1, max(0, epsilon)) }

    public func logProbabilities(_ state: SlateState) -> [Double] {
        let open = state.logits.count { $0 > -.infinity }
        let best = GreedyPolicy.best(state.logits)
        let other = PortableMath.log(epsilon / Double(max(1, open)))
        let first = PortableMath.log(1 - epsilon + epsilon / Double(max(1, open)))
        return state.logits.indices.map { candidate in
            state.logits[candidate] > -.infinity ? (candidate == best ? first : other) : -.infinity
        }
    }
}
