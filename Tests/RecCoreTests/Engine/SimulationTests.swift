// Policies on a simulated shop, week by week.
import Synchronization
import Testing

@testable import RecCore

@Suite struct SimulationTests {
    private func pipeline(seed: UInt64 = 1, weeks: Int = 2) throws -> SimulationPipeline {
        var configuration = SimulatedShopConfiguration(seed: seed)
        (configuration.shoppers, configuration.items, configuration.newItemsPerWeek) = (200, 200, 10)
        (configuration.weeks, configuration.warmUpWeeks) = (weeks, 3)
        return try SimulationPipeline(SimulatedShop(configuration))
    }

    private func chance(_ epsilon: Double) -> SimulationPolicy {
        ReferencePolicy.ranking(.fixed(ComposedPolicy(.epsilonGreedy(epsilon))))
    }

    @Test func oneSeedAndPolicyGiveOneReportOnAnyNumberOfThreads() throws {
        let all = try pipeline().run(chance(0.2))
        let single = try Parallel.$isSerial.withValue(true) { try pipeline().run(chance(0.2)) }

        #expect(all == single)
        #expect(all.weeks.count == 2 && all.total.visits > 300)
    }

    @Test func policiesWithEqualSlatesHaveEqualOutcomes() throws {
        var pipeline = try pipeline()
        pipeline.keepsSlates = true

        let greedy = try pipeline.run(ReferencePolicy.greedy)
        let same = try pipeline.run(chance(0))
        let other = try pipeline.run(chance(0.3))

        #expect(greedy == same)
        #expect(greedy != other)
        // The same shoppers come at the same times, whatever they are shown.
        #expect(greedy.slates.map(\.arrival) == other.slates.map(\.arrival))
    }

    @Test func figuresOfWeeksAddUpToThoseOfTheRun() throws {
        let report = try pipeline().run(ReferencePolicy.random)

        #expect(report.total.sales == report.weeks.reduce(0) { $0 + $1.sales })
        #expect(report.total.clicks == report.weeks.reduce(0) { $0 + $1.clicks })
        #expect(report.total.newSellers == report.weeks.reduce(0) { $0 + $1.newSellers })
        #expect(report.total.impressions == report.total.visits * 12)
        #expect(report.total.slateSales <= report.total.sales && report.total.newItemSales <= report.total.sales)
        #expect(report.total.clicks >= report.total.slateSales && report.total.regret > 0)
    }

    /// Sales in closed form, where chance is only in who comes and what was learned. For seeds 1 to 3 the oracle sells two and a half
    /// times as much as greedy, and greedy as random slates: far beyond the tenth asked for.
    @Test func theOracleSellsMoreThanGreedyAndGreedyMoreThanRandom() throws {
        let pipeline = try pipeline()

        let oracle = try pipeline.run(ReferencePolicy.oracle).total
        let greedy = try pipeline.run(ReferencePolicy.greedy).total
        let random = try pipeline.run(ReferencePolicy.random).total

        #expect(oracle.expectedSales > 1.1 * greedy.expectedSales)
        #expect(greedy.expectedSales > 1.1 * random.expectedSales)
        // Equal to the bit: it shows what it is measured by.
        #expect(oracle.regret == 0)
        #expect(greedy.regret > 0 && random.regret > greedy.regret)
    }

    @Test func aPolicySeesWhatWasShownBeforeAndNothingElse() throws {
        let pipeline = try pipeline()
        let shown = Mutex([Int32](repeating: 0, count: pipeline.shop.items.count))

        let report = try pipeline.run { visit, snapshot, evidence in
            let slate = ReferencePolicy.random(visit, snapshot, evidence)
            shown.withLock { shown in
                #expect(visit.impressions == shown)
                for item in slate { shown[Int(item)] += 1 }
            }
            for row in visit.openRows {
                #expect(pipeline.shop.items[Int(row)].weeks.contains(visit.arrival.week))
                #expect(snapshot.history.items.name(of: Int(row)) == "i\(row)")
            }
            return slate
        }

        #expect(shown.withLock { $0.reduce(0, +) } == Int32(report.total.impressions))
    }

    @Test func seedsSideBySideGiveWhatTheyGiveAlone() throws {
        let configuration = try pipeline(weeks: 1).shop.configuration

        let reports = try SimulationPipeline.run(
            [ReferencePolicy.greedy, ReferencePolicy.random], configuration: configuration, seeds: [1, 2])

        #expect(reports.map { $0.map(\.seed) } == [[1, 1], [2, 2]])
        #expect(reports[0][0] == (try pipeline(weeks: 1).run(ReferencePolicy.greedy)))
        #expect(reports[1][1] == (try pipeline(seed: 2, weeks: 1).run(ReferencePolicy.random)))
    }

    @Test func giniIsZeroForEqualAndNearOneForOneSeller() {
        #expect(SimulationTally.gini([3, 3, 3, 3]) == 0)
        #expect(SimulationTally.gini([0, 0, 0, 8]) == 0.75)
        #expect(SimulationTally.gini([]) == 0)
    }
}
