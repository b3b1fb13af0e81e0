// Runs policies in a made-up shop and draws what they sell and find.
import ArgumentParser
import Foundation
import RecCore
import RecFiles
import RecStores

struct Simulate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Run policies for weeks in made-up shops, with training between the weeks, and draw what they sell and find.",
        discussion: """
            Needs no data: shoppers with taste, fatigue and a bias for first places, items that are launched, age and leave. Each seed is
            a shop of its own, in which every policy meets the same shoppers with the same luck. A policy is \(PolicyChoice.grammar).
            """)

    @Option(
        name: .customLong("policy"),
        help: "A policy to run beside greedy; may be repeated. (default: \(PolicyChoice.stochasticName))",
        transform: PolicyArgument.parse)
    var policies = [PolicyChoice.stochastic]
    @Option(help: "Shops.") var seeds = 4
    @Option(help: "Weeks with the policies.") var weeks = 8
    @Option(help: "Shoppers of a shop.") var shoppers = 600
    @Option(help: "Write a page with curves to this file.") var html: String?
    @Flag(help: "Print JSON instead of a table.") var json = false

    func validate() throws {
        for case .fixed(let policy) in policies where policy.quota != nil {
            throw ValidationError("\(policy.text): a made-up shop has no columns for a quota")
        }
        guard (1...1000).contains(seeds), (1...520).contains(weeks), (10...100_000).contains(shoppers) else {
            throw ValidationError("--seeds is 1 to 1000, --weeks 1 to 520, --shoppers 10 to 100000")
        }
    }

    func run() async throws {
        signal(SIGPIPE, SIG_IGN)
        var configuration = SimulatedShopConfiguration()
        (configuration.weeks, configuration.shoppers) = (weeks, shoppers)
        let progress = ProgressReporter(label: "simulate", unit: "runs")
        let total = seeds * (policies.count + 2)
        let reports = try await SimulationPipeline.reports(
            [ReferencePolicy.greedy] + policies.map { ReferencePolicy.ranking($0) } + [ReferencePolicy.oracle],
            configuration: configuration, seeds: (1...UInt64(seeds)).map { $0 }
        ) { progress.update(Int64($0), fraction: Double($0) / Double(total)) }
        progress.finish(Int64(total))
        let table = SimulationTable(
            names: ["greedy"] + policies.map(\.text) + ["oracle (knows the truth)"], reports: reports)
        if let html { try table.page.write(toFile: html, atomically: true, encoding: .utf8) }
        print(json ? try table.json() : table.text)
    }
}
