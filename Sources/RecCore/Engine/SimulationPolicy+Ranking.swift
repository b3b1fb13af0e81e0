// The platform's own policies in a simulated shop.

extension ReferencePolicy {
    /// A policy as the server runs it: the same candidates, law and floor for new items.
    /// - Parameters:
    ///   - choice: the policy.
    ///   - candidates: that the policy sees.
    public static func ranking(_ choice: PolicyChoice, candidates: Int = 100) -> SimulationPolicy {
        { visit, snapshot, evidence in
            let policy = snapshot.policy(choice, for: evidence)
            var options = SlateOptions(candidates: candidates, withPast: snapshot.configuration.repeats)
            if let floor = policy.reserve?.floor {
                let young = YoungItems(snapshot.history, where: visit.isOpen)
                let isUnderexposed = { @Sendable (row: Int) in
                    young.contains(row) && visit.impressions[row] < Int32(floor)
                }
                options.isUnderexposed = isUnderexposed
                options.including = young.some(seed: visit.seed, where: isUnderexposed)
            }
            return snapshot.slate(
                for: evidence, length: visit.slateSize, policy: policy, seed: visit.seed, options: options,
                isEligible: visit.isOpen
            ).items.map { Int32($0.item) }
        }
    }
}
