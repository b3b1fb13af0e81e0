// Why an item stands where it stands: what each channel and each item of the past adds to its score.

/// The score of a place, taken apart twice: by channel, and by item of the past. Both sums give the score.
public struct Explanation: Sendable, Hashable {
    /// Row of the item.
    public let item: Int
    /// How far the item stands above the mean candidate.
    public let score: Double
    /// What each channel adds.
    public let channels: [Channel: Double]
    /// What each item of the user's past adds over all channels, largest first.
    public let past: [Amount]
    /// What does not come from the past: sales, attributes of the user, being new, less what the mean candidate has.
    public let withoutPast: Double

    /// A part of a score that one item of the past is the reason for.
    public struct Amount: Sendable, Hashable {
        /// Row of an item of the past.
        public let item: Int
        /// What it adds to the score; below 0 where it speaks against the item.
        public let value: Double
    }
}

extension ModelSnapshot {
    /// Takes apart the scores of a ranking made by ``ranking(for:limit:withPast:weights:only:boosts:isEligible:)``.
    ///
    /// Sums over the past fall apart by themselves; a square root of a sum is given out in proportion to the sum. The inner
    /// product of factors falls apart exactly, as u is linear in the events (Hu, Koren, Volinsky, ICDM 2008, section 5):
    ///
    ///     h_j . u = sum_p c_p h_j' A^-1 h_p,   A = a0 H'H + lambda_u I + sum_p c_p h_p h_p'
    ///
    /// - Parameters:
    ///   - ranking: what is taken apart.
    ///   - user: the evidence the ranking was made from.
    ///   - weights: as given to the ranking; `nil` = the model's own.
    /// - Complexity: O(|past| d^2 + d^3 + places * |past| * neighbours).
    public func explanations(
        of ranking: [RankedItem], for user: UserEvidence, weights: SignalWeights? = nil
    ) -> [Explanation] {
        let weights = (weights ?? configuration.weights).effective(items: user.past.count)
        let rows = ranking.map(\.item)
        let tastes =
            user.factors == nil || user.past.isEmpty
            ? [] : foldIn.shares(of: user.past.map(\.item), confidences: user.past.map(\.confidence), in: rows)
        return ranking.enumerated().map { place, ranked in
            var amounts = [Double](repeating: 0, count: user.past.count)
            for (signal, share) in scorer.shares(of: ranked.item, among: user.past) {
                let value = Double(weights[signal.rawValue]) * Double(ranked.signals[signal.rawValue])
                guard value != 0 else { continue }
                for entry in share { amounts[entry.place] += value * entry.share }
            }
            if !tastes.isEmpty {
                for signal in [Signal.taste, .newTaste] {
                    let value = Double(weights[signal.rawValue]) * Double(ranked.signals[signal.rawValue])
                    let whole = tastes[place].reduce(0) { $0 + Double($1) }
                    guard value != 0, let factors = user.factors else { continue }
                    // With a prior mean the past makes up only a part of the inner product.
                    let product = Double(self.factors.items.dot(row: ranked.item, factors))
                    guard abs(product) > 1e-12, whole.isFinite else { continue }
                    for (past, share) in tastes[place].enumerated() {
                        amounts[past] += value * Double(share) / product
                    }
                }
            }
            let past = amounts.enumerated().filter { $0.element != 0 }
                .map { Explanation.Amount(item: Int(user.past[$0.offset].item), value: $0.element) }
                .sorted { (-$0.value, $0.item) < (-$1.value, $1.item) }
            let sum = past.reduce(0) { $0 + $1.value }
            return Explanation(
                item: ranked.item, score: ranked.score, channels: ranked.parts, past: past,
                withoutPast: ranked.score - sum)
        }
    }
}
