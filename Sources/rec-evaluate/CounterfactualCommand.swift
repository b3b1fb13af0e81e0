// What another policy would have earned, from the log of a server.
import ArgumentParser
import Foundation
import RecCore
import RecFiles
import RecStores

struct Counterfactual: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Tell from the log what another policy would have earned, and whether the log can tell at all.",
        discussion: """
            Reads the impressions of policies that chance, with their propensities, and the events that named them
            (recommendation_id). The line "read" names the estimate to read; the others are there to compare: \
            ips, clipped, sndr, switchDR and drOS take the whole list as one decision as dr and snips do, dm believes a model of the \
            rewards alone, sips and snSIPS are ips and snips of lists. "of log" is the estimate over what the log's own policies \
            earned; ESS, the effective sample size, is how many slates of the judged policy the log is worth; the mean weight should \
            be near 1. A policy is \(PolicyChoice.grammar).
            """)

    @OptionGroup var stores: StoreOptions
    @Option(
        name: .customLong("policy"), help: "A policy to judge; may be repeated.", transform: PolicyArgument.parse)
    var policies: [PolicyChoice]
    @Option(help: "Kind of event that counts, as KIND or KIND=VALUE; may be repeated. By default purchase.")
    var reward: [String] = []
    @Option(help: "Places from the first that count.") var places = 12
    @Flag(help: "Print JSON instead of a table.") var json = false

    func validate() throws {
        guard !policies.isEmpty else { throw ValidationError("name a policy to judge: --policy POLICY") }
        _ = try rewards()
        guard (1...RecommendationRequest.maximumLimit).contains(places) else {
            throw ValidationError("--places must be in 1...\(RecommendationRequest.maximumLimit)")
        }
    }

    private func rewards() throws -> [InteractionKind: Double] {
        var rewards: [InteractionKind: Double] = [:]
        for text in reward.isEmpty ? ["purchase"] : reward {
            let parts = text.split(separator: "=", maxSplits: 1)
            guard let name = parts.first, let kind = InteractionKind(String(name)),
                let value = parts.count == 2 ? Double(parts[1]) : 1, value.isFinite
            else { throw ValidationError("--reward \(text) is not KIND or KIND=VALUE, such as click=0.1") }
            rewards[kind] = value
        }
        return rewards
    }

    func run() async throws {
        signal(SIGPIPE, SIG_IGN)
        let store = try await stores.open(.bulk)
        _ = try await store.takeLoggedEvents()
        var options = CounterfactualPipeline.Options()
        (options.rewards, options.places) = (try rewards(), places)
        let progress = ProgressReporter(label: "read", unit: "slates")
        let pipeline = CounterfactualPipeline(impressions: store.impressions, models: store.models, options: options)
        let reports = try await pipeline.judge(policies) { done, total in
            progress.update(Int64(done), fraction: total.map { Double(done) / Double(max(1, $0)) })
        }
        let slates = reports.map(\.slates).max() ?? 0
        progress.finish(Int64(slates))
        print(json ? try CounterfactualReport.json(reports) : reports.map(\.table).joined(separator: "\n\n"))
        if slates == 0 {
            let isUnfit = reports.contains { $0.leftOut.refusals > 0 || $0.leftOut.laterPages > 0 }
            throw CannotGoOn(
                isUnfit
                    ? "no slate of the log can be judged: see what was left out, and why"
                    : "the log holds no slate of a policy that chances: serve with --policy "
                        + "\(PolicyChoice.stochasticName) for a while")
        }
    }
}
