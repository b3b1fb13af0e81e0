// The platform's own policies in a simulated shop.

extension ReferencePolicy {
    /// A policy as the server runs it: the same candidates, law and floor for new items.
    /// - Parameter candidates: that the policy sees.
    public static func ranking(_ choice: PolicyChoice, candidates: Int = 100) -> SimulationPolicy {
        { visit, snapshot, evidence in
            let policy = snapshot.policy(choice, for: evidence)
            var options = SlateOptions(candidates: candidates, withPast: snapshot.configuration.repeats)
            if let floor = policy.reserve?.floor {
                let events = snapshot.history.itemEvents
                let isUnderexposed = { @Sendable (row: Int) in
                    events[row] <= Float(ExposureCounts.youngEvents) && visit.impressions[row] < Int32(floor)
                }
                options.isUnderexposed = isUnderexposed
                let young = visit.openRows.filter { isUnderexposed(Int($0)) }
                if !young.isEmpty {
                    var generator = SplitMix64(seed: visit.seed ^ 0x796f_756e_67)
                    options.including = (0..<8).map { _ in Int(young[Int(generator.next() % UInt64(young.count))]) }
                }
            }
            return snapshot.slate(
                for: evidence, length: visit.slateSize, policy: policy, seed: visit.seed, options: options,
                isEligible: visit.isOpen
            ).items.map { Int32($0.item) }
        }
    }
}
