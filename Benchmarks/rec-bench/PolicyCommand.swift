// What a stochastic list costs more than a greedy one.
import ArgumentParser
import Foundation
import RecCore

struct PolicyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy",
        abstract: "Time lists of 12 by policy and greedily, alternating, for the users of a data folder's model.")
    @Option(help: "Data folder with a model.") var data: String
    @Option(help: "Policies. A policy is \(PolicyChoice.grammar).") var policy: [String] = [PolicyChoice.stochasticName]
    @Option(help: "Users; each is ranked for by every policy in turn.") var users = 3000

    func run() throws {
        let models = try ModelDirectory(path: data + "/models")
        guard let version = try models.current() else {
            throw ValidationError("\(data) has no model: run rec-train --data \(data)")
        }
        let model = try models.load(version)
        let choices = try [PolicyChoice.fixed(.greedy)] + policy.map { try PolicyChoice($0) }
        var times = [[Double]](repeating: [], count: choices.count)
        let pace = max(1, model.history.users.count / users)
        let withPast = model.configuration.repeats
        // As on the first day of a server: no young item was shown yet.
        let young = YoungItems(model.history) { _ in true }
        for (turn, row) in stride(from: 0, to: model.history.users.count, by: pace).enumerated() {
            let evidence = model.evidence(ofRow: row)
            // Untimed: otherwise who goes first pays for what the others find in the processor's caches.
            precondition(model.ranking(for: evidence, limit: 12, withPast: withPast).count <= 12)
            for step in choices.indices {
                // Each goes first as often as another.
                let place = (step + turn) % choices.count
                let policy = model.policy(choices[place], for: evidence)
                let time = seconds {
                    var options = SlateOptions(withPast: withPast)
                    if policy.reserve != nil {
                        options.isUnderexposed = young.contains
                        options.including = young.some(seed: UInt64(row)) { _ in true }
                    }
                    let count =
                        policy == .greedy
                        ? model.ranking(for: evidence, limit: 12, withPast: withPast).count
                        : model.slate(
                            for: evidence, length: 12, policy: policy, seed: UInt64(row),
                            options: options
                        ).items.count
                    precondition(count <= 12)
                }
                times[place].append(time * 1e6)
            }
        }
        for (place, choice) in choices.enumerated().dropFirst() {
            let extra = zip(times[place], times[0]).map { $0 - $1 }
            var figure = Figure(name: "policy.cost", unit: "us a list")
            (figure.ours, figure.peer, figure.peerName) = (times[place], times[0], "greedy")
            figure.note = String(
                format: "%@: median of what it costs more %.1f us", choice.text, median(extra) ?? 0)
            figure.print()
        }
    }
}
