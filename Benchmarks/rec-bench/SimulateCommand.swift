// What stochastic ranking sells and finds in a simulated shop, next to greedy.
import ArgumentParser
import Foundation
import RecCore

struct SimulateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Run policies in simulated shops for weeks: sales and new sellers, next to greedy.",
        discussion: """
            Each seed is a shop of its own, in which every policy meets the same shoppers with the same luck. The figures are ratios of
            totals over all weeks, mean over the seeds, with 95 % intervals (Student, over seeds).
            """)
    @Option(help: "Policies, each a line of figures; greedy is the peer. A policy is \(PolicyChoice.grammar).")
    var policy: [String] = [PolicyChoice.stochasticName]
    @Option(help: "Shops.") var seeds = 20
    @Option(help: "Weeks with the policy.") var weeks = 8
    @Option(help: "Shoppers of a shop.") var shoppers = 600
    @Option(help: "Mean weeks that an item is on sale; fewer items are launched a week the longer they stay.")
    var life = 20

    func validate() throws {
        guard seeds > 1, weeks > 0, shoppers > 0, (2...200).contains(life) else {
            throw ValidationError("--seeds is above 1, --weeks and --shoppers above 0, --life 2 to 200")
        }
        for text in policy { _ = try PolicyChoice(text) }
    }

    func run() throws {
        var configuration = SimulatedShopConfiguration()
        (configuration.weeks, configuration.shoppers) = (weeks, shoppers)
        configuration.newItemsPerWeek = configuration.items / life
        configuration.lifeInWeeks = (life * 3 / 5)...(life * 7 / 5)
        let policies = try [ReferencePolicy.greedy] + policy.map { ReferencePolicy.ranking(try PolicyChoice($0)) }
        let time = ContinuousClock.now
        let reports = try SimulationPipeline.run(
            policies, configuration: configuration, seeds: (1...seeds).map { UInt64($0) })
        say("\(seeds) shops, \(policies.count) policies, \(weeks) weeks: \(ContinuousClock.now - time)")
        for (place, text) in policy.enumerated() {
            let name = place == 0 ? "simulate" : "simulate.\(text)"
            func tell(_ what: String, _ value: (SimulationFigures) -> Double) {
                let rows = reports.map { (ours: value($0[place + 1].total), peer: value($0[0].total)) }
                let ratios = rows.map { $0.ours / max(1, $0.peer) }
                let margin = Self.margin(ratios)
                let mean = ratios.reduce(0, +) / Double(ratios.count)
                var figure = Figure(name: "\(name).\(what)", unit: what)
                (figure.ours, figure.peer) = (rows.map(\.ours), rows.map(\.peer))
                (figure.peerName, figure.isRate) = ("greedy", true)
                figure.note = String(
                    format: "%@: ratio %.3f, 95 %% interval %.3f to %.3f over %d shops", text, mean, mean - margin,
                    mean + margin, ratios.count)
                figure.print()
            }
            tell("sales") { Double($0.sales) }
            tell("discovery") { Double($0.newSellers) }
            tell("slate-sales") { $0.expectedSales }
            tell("catalogue") { $0.catalogueShare * 1000 }
            let weekly = (0..<weeks).map { week -> String in
                func sum(_ policy: Int) -> Int { reports.reduce(0) { $0 + $1[policy].weeks[week].sales } }
                return String(format: "%.3f", Double(sum(place + 1)) / Double(max(1, sum(0))))
            }
            say("\(text): sales of greedy's by week \(weekly.joined(separator: " "))")
        }
    }

    /// Half of the 95 % interval of a mean, by Student's distribution (its quantile to 1 % above 5 degrees).
    static func margin(_ values: [Double]) -> Double {
        let count = Double(values.count)
        let mean = values.reduce(0, +) / count
        let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1)
        let freedom = count - 1
        let quantile = 1.96 + 2.4 / freedom + 2.8 / (freedom * freedom)
        return quantile * (variance / count).squareRoot()
    }
}
