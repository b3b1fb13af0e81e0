// What a policy can expect to earn at the places of a slate.

extension RankingPolicy {
    /// A reward model at the items of a logged slate, and its expectation under this policy at each place behind the logged ones before.
    /// - Parameter reward: of a candidate at a place.
    /// - Complexity: O(places * candidates).
    func expectation(
        of places: [Int], in candidates: SlateCandidates, _ reward: (_ candidate: Int, _ place: Int) -> Double
    ) -> (logged: [Double], expected: [Double]) {
        var state = SlateState(candidates)
        var expected: [Double] = []
        for (slot, place) in places.enumerated() {
            var sum = 0.0
            // What is rarer than 1e-13 adds nothing to be seen.
            for (candidate, value) in logProbabilities(state).enumerated() where value > -30 {
                sum += PortableMath.exp(value) * reward(candidate, slot)
            }
            expected.append(sum)
            state.choose(place)
        }
        return (places.enumerated().map { reward($1, $0) }, expected)
    }
}
