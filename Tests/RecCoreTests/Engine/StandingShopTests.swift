// Off-policy intervals hold the truth, which a shop that stands still has.
import Testing

@testable import RecCore

@Suite struct StandingShopTests {
    /// 24 logs. Intervals that hold the truth 95 times of 100 do so in fewer than 19 of 24 once in 3,000 seeds; `rec-bench coverage` has
    /// 200 logs and all estimators.
    @Test func intervalsHoldTheTruthOfAnotherPolicy() throws {
        var configuration = SimulatedShopConfiguration(seed: 2)
        (configuration.shoppers, configuration.items, configuration.warmUpWeeks) = (250, 120, 3)
        let shop = StandingShop(
            try SimulationPipeline(try SimulatedShop(configuration)), places: 3, candidates: 25)
        let (logging, judged) = (
            ComposedPolicy(.plackettLuce(temperature: 0.8)), ComposedPolicy(.plackettLuce(temperature: 0.5))
        )
        let truth = shop.value(of: judged, draws: 40)
        let settings = try OffPolicyEstimator.Settings(resamples: 200)
        let estimators: [OffPolicyEstimator] = [.snips, .dr, .cascadeDR]
        var held = [0, 0, 0]
        for run in 0..<24 as Range<UInt64> {
            let slates = try shop.log(of: logging, seenBy: judged, run: run)
            for (place, estimate) in OffPolicyEstimate.estimates(slates, by: estimators, settings: settings)
                .enumerated()
            {
                #expect(estimate.refusal == nil)
                if let interval = estimate.interval, (interval.low...interval.high).contains(truth) { held[place] += 1 }
            }
        }
        #expect(held.allSatisfy { $0 >= 19 }, "\(held) of 24")
        // A policy judged by its own log has weights of 1.
        let own = OffPolicyEstimate.estimate(try shop.log(of: judged, seenBy: judged, run: 99), by: .snips)
        #expect(abs(own.meanWeight - 1) < 1e-9)
    }
}
