// A simulated shop that stands still, to hold off-policy estimates against the truth.

/// The visits of one simulated week, each judged as if it were the first: slates change neither shoppers nor items, so that a policy
/// has one true value, and a log of one policy can be made as often as wanted.
///
/// A sample draws shoppers with replacement from the shop's, as a log of some weeks draws from all customers that there could be:
/// intervals over shoppers then have a population to be right about.
public struct StandingShop: Sendable {
    private struct Visit: Sendable {
        let candidates: SlateCandidates
        /// Of each candidate: that it is bought, once at its place.
        let truth: [Float]
    }

    private let shop: SimulatedShop
    /// Visits of each shopper who came.
    private let shoppers: [[Visit]]
    /// Places of a slate.
    public let places: Int

    /// - Parameters:
    ///   - pipeline: after its warm-up.
    ///   - places: of a slate; the weight of a whole slate is a product over them.
    ///   - candidates: that a policy sees.
    public init(_ pipeline: SimulationPipeline, places: Int = 4, candidates: Int = 50) {
        let shop = pipeline.shop
        let traffic = pipeline.firstTraffic
        let week = shop.firstWeek
        let onSale = Set(traffic.itemsOnSale(week: week))
        let snapshot = pipeline.firstSnapshot
        let options = SlateOptions(candidates: candidates, withPast: snapshot.configuration.repeats)
        var visits: [Int: [Visit]] = [:]
        for arrival in shop.arrivals(week: week) {
            let evidence = snapshot.evidence(of: shop.shopperIDs[arrival.shopper], events: [])
            let (found, rows) = snapshot.slateCandidates(
                for: evidence, columns: [], options: options, isEligible: { onSale.contains($0) })
            let truth = traffic.saleProbabilities(shopper: arrival.shopper, week: week)
            visits[arrival.shopper, default: []].append(
                Visit(candidates: found, truth: rows.map { truth[Int($0)] }))
        }
        (self.shop, self.places) = (shop, places)
        shoppers = visits.keys.sorted().map { visits[$0] ?? [] }
    }

    /// The mean sales of a slate under a policy, over all shoppers, as each is drawn as often as another: the sum of their sales over the
    /// sum of their visits, in closed form given the slates.
    /// - Parameters:
    ///   - policy: what is judged.
    ///   - draws: slates of each visit.
    public func value(of policy: ComposedPolicy, draws: Int = 200) -> Double {
        var (sum, count) = (0.0, 0.0)
        for (number, visits) in shoppers.enumerated() {
            for (turn, visit) in visits.enumerated() {
                for draw in 0..<draws {
                    let seed = slateSeed(request: "value \(number) \(turn)", model: "", seed: UInt64(draw))
                    let slate = policy.slate(from: visit.candidates, length: places, seed: seed)
                    sum += shop.expectedSales(ofSlate: slate.places.map { visit.truth[$0] })
                    count += 1
                }
            }
        }
        return sum / max(1, count)
    }

    /// A log of `policy`, as `evaluated` sees it.
    /// - Parameters:
    ///   - policy: what draws the slates.
    ///   - evaluated: the policy whose probabilities stand beside those of `policy`.
    ///   - run: another number draws other shoppers and other luck.
    /// - Throws: ``OffPolicyError`` where the figures of a slate are none.
    public func log(
        of policy: ComposedPolicy, seenBy evaluated: ComposedPolicy, run: UInt64
    ) throws(OffPolicyError) -> [LoggedSlate] {
        struct Shown {
            let cluster: Int
            let visit: Visit
            let slate: RankedSlate
            let rewards: [Double]
        }
        var generator = SplitMix64(seed: slateSeed(request: "log", model: "", seed: run))
        var shown: [Shown] = []
        for cluster in shoppers.indices {
            for visit in shoppers[Int(generator.next() % UInt64(shoppers.count))] {
                let slate = policy.slate(from: visit.candidates, length: places, seed: generator.next())
                shown.append(
                    Shown(
                        cluster: cluster, visit: visit, slate: slate,
                        rewards: rewards(of: slate.places.map { visit.truth[$0] }, &generator)))
            }
        }
        let model = try CrossFittedRewardModel(
            shown.flatMap { row in
                let items = row.visit.candidates.items
                return row.slate.places.indices.map {
                    LoggedReward(
                        cluster: row.cluster, item: items[row.slate.places[$0]], place: $0, reward: row.rewards[$0])
                }
            }, strength: 20)
        var slates: [LoggedSlate] = []
        for row in shown {
            let items = row.visit.candidates.items
            let seen = evaluated.expectation(of: row.slate.places, in: row.visit.candidates) { candidate, slot in
                model.reward(of: items[candidate], at: slot, for: row.cluster)
            }
            slates.append(
                try LoggedSlate(
                    cluster: row.cluster, rewards: row.rewards, logged: row.slate.logPropensities,
                    evaluated: evaluated.logPropensities(of: row.slate.places, in: row.visit.candidates),
                    predicted: seen.logged, expected: seen.expected))
        }
        return slates
    }

    /// What a shopper buys: looks down to a depth, and after a purchase goes on or leaves.
    private func rewards(of truth: [Float], _ generator: inout SplitMix64) -> [Double] {
        let depth = generator.nextUnit()
        var isThere = true
        return truth.enumerated().map { place, sale in
            let (bought, stays) = (generator.nextUnit() < Double(sale), generator.nextUnit())
            guard isThere, place < shop.examination.count, depth < shop.examination[place], bought else { return 0 }
            isThere = stays < shop.configuration.staysAfterPurchase
            return 1
        }
    }
}
