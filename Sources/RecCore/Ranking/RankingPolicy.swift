// What turns candidates into a slate: the one protocol of all policies.

/// A slate in the making.
public struct SlateState: Sendable {
    /// What may be shown.
    public let candidates: SlateCandidates
    /// Of every candidate, in nats; -infinity = may not stand at the next place.
    public var logits: [Double]
    /// Places of the candidates that were put into the slate, first first.
    public private(set) var chosen: [Int]
    /// What their logits were, one for each of ``chosen``.
    private(set) var taken: [Double] = []
    /// Of every candidate, the cosine with the nearest of those chosen, at least 0; empty without directions.
    private(set) var nearest: [Double]

    /// An empty slate with the scores as they are.
    public init(_ candidates: SlateCandidates) {
        (self.candidates, chosen) = (candidates, [])
        logits = candidates.scores.map { Double($0) }
        nearest = candidates.directions.isEmpty ? [] : Array(repeating: 0, count: candidates.count)
    }

    /// Lowers every logit, of what was chosen too, by an amount of its own.
    mutating func lower(by amount: (_ candidate: Int) -> Double) {
        for place in logits.indices { logits[place] -= amount(place) }
        for (slot, place) in chosen.enumerated() { taken[slot] -= amount(place) }
    }

    /// The state after one more item.
    public mutating func choose(_ candidate: Int) {
        chosen.append(candidate)
        taken.append(logits[candidate])
        logits[candidate] = -.infinity
        for place in nearest.indices where logits[place] > -.infinity {
            nearest[place] = max(nearest[place], candidates.cosine(place, candidate))
        }
    }
}

/// A list and how likely it was.
public struct RankedSlate: Sendable, Hashable {
    /// Places of the candidates, the first place of the list first.
    public let places: [Int]
    /// ln of the probability of each place's item given the places before it; 0 = certain. Exact: it is the law that was drawn from.
    public let logPropensities: [Double]
    /// - Parameters:
    ///   - places: of the candidates, first place first.
    ///   - logPropensities: one a place, 0 or below.
    public init(places: [Int], logPropensities: [Double]) {
        (self.places, self.logPropensities) = (places, logPropensities)
    }
}

/// Fills a slate from the first place to the last.
///
/// A policy is its law: ``logProbabilities(_:)`` of the next item given the places before. The slate is drawn from that very law, so
/// that the logged propensities are exact, for every policy and every composition. Same candidates and seed give the same slate with
/// the same bits on every machine.
public protocol RankingPolicy: Sendable {
    /// How it is written in settings, requests and logs; ``ComposedPolicy/init(_:)`` reads it.
    var text: String { get }
    /// ln of the probability of each candidate to fill the next place; -infinity = never. Sums to 1 unless nothing may stand there.
    func logProbabilities(_ state: SlateState) -> [Double]
    /// ln of the probability of each item of a slate given those before it.
    /// - Parameters:
    ///   - places: of the candidates, distinct; a place that is no candidate's has -infinity.
    ///   - candidates: what the slate was chosen from.
    func logPropensities(of places: [Int], in candidates: SlateCandidates) -> [Double]
    /// Draws a slate of at most `length`.
    func slate(from state: SlateState, length: Int, using generator: inout SplitMix64) -> RankedSlate
}

extension RankingPolicy {
    /// Place by place from ``logProbabilities(_:)``. - Complexity: O(length) times that of one law.
    public func slate(from state: SlateState, length: Int, using generator: inout SplitMix64) -> RankedSlate {
        var state = state
        var propensities: [Double] = []
        while state.chosen.count < length {
            let law = logProbabilities(state)
            guard let found = Self.draw(law, &generator) else { break }
            state.choose(found)
            propensities.append(law[found])
        }
        return RankedSlate(places: state.chosen, logPropensities: propensities)
    }

    /// One candidate by its probability; `nil` when nothing may be shown. One number decides, by the candidates' order.
    static func draw(_ law: [Double], _ generator: inout SplitMix64) -> Int? {
        let point = generator.nextUnit()
        var sum = 0.0
        var found: Int?
        for (candidate, value) in law.enumerated() where value > -.infinity {
            sum += PortableMath.exp(value)
            found = candidate
            if sum > point { break }
        }
        return found
    }

    /// The slate of one request.
    public func slate(from candidates: SlateCandidates, length: Int, seed: UInt64) -> RankedSlate {
        var generator = SplitMix64(seed: seed)
        return slate(from: SlateState(candidates), length: length, using: &generator)
    }

    /// Place by place from ``logProbabilities(_:)``.
    public func logPropensities(of places: [Int], in candidates: SlateCandidates) -> [Double] {
        var state = SlateState(candidates)
        return places.map { place in
            guard state.logits.indices.contains(place) else { return -.infinity }
            let law = logProbabilities(state)
            state.choose(place)
            return law[place]
        }
    }
}

/// The seed of a request's slate: its id, the model and the seed it named, so that each of them changes the slate.
public func slateSeed(request: String, model: String, seed: UInt64) -> UInt64 {
    var hash = FNV1a()
    hash.add(request.utf8)
    hash.add(0x1F)
    hash.add(model.utf8)
    hash.add(seed)
    var generator = SplitMix64(seed: hash.value)
    return generator.next()
}
