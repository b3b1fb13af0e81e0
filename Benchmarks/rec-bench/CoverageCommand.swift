// How often the intervals of off-policy estimates hold the truth.
import ArgumentParser
import Foundation
import RecCore

struct CoverageCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "coverage",
        abstract:
            "In a simulated shop: how often the 95 % intervals of estimates from one policy's log hold another's true value.",
        discussion: "A policy is \(ComposedPolicy.grammar).")
    @Option(help: "The policy that made the log.") var log = "plackett_luce(0.6)"
    @Option(help: "The policy to judge by it.") var policy = "plackett_luce(0.4)+temper(0.1)"
    @Option(help: "Logs.") var runs = 200
    @Option(help: "Places of a slate.") var places = 4
    @Option(help: "Shoppers.") var shoppers = 1200
    @Option(help: "Seed of the shop.") var seed: UInt64 = 1

    func run() throws {
        let (logging, evaluated) = (try ComposedPolicy(log), try ComposedPolicy(policy))
        var configuration = SimulatedShopConfiguration(seed: seed)
        configuration.shoppers = shoppers
        let shop = StandingShop(try SimulationPipeline(try SimulatedShop(configuration)), places: places)
        let (truth, own) = (shop.value(of: evaluated), shop.value(of: logging))
        say(String(format: "true value of %@: %.5f; of the log's %@: %.5f", policy, truth, log, own))
        var hits: [OffPolicyEstimator: (truth: Int, ownRun: Int, sum: Double, refused: Int)] = [:]
        for run in 0..<UInt64(runs) {
            let slates = try shop.log(of: logging, seenBy: evaluated, run: run)
            // What the judged policy earned when it was asked itself, of other shoppers.
            let itself = try shop.log(of: evaluated, seenBy: evaluated, run: run &+ 1_000_000)
            let earned = itself.reduce(0) { $0 + $1.rewards.reduce(0, +) } / Double(itself.count)
            for estimate in OffPolicyEstimate.estimates(slates) {
                guard let value = estimate.value, let interval = estimate.interval else { continue }
                var row = hits[estimate.estimator] ?? (0, 0, 0, 0)
                if (interval.low...interval.high).contains(truth) { row.truth += 1 }
                if (interval.low...interval.high).contains(earned) { row.ownRun += 1 }
                row.sum += value
                if estimate.refusal != nil { row.refused += 1 }
                hits[estimate.estimator] = row
            }
        }
        for estimator in OffPolicyEstimator.allCases {
            guard let row = hits[estimator] else { continue }
            var figure = Figure(name: "coverage.\(estimator.rawValue)", unit: "share of \(runs) logs")
            (figure.ours, figure.isRate) = ([Double(row.truth) / Double(runs)], true)
            figure.note = String(
                format: "mean estimate %.5f of %.5f; holds the mean of the policy's own run in %.3f; refused %d",
                row.sum / Double(runs), truth, Double(row.ownRun) / Double(runs), row.refused)
            figure.print()
        }
    }
}
