// What each policy costs in MAP@12, and what it discovers.
import ArgumentParser
import Foundation
import RecCore
import RecFiles
import RecStores

struct Policies: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Show what policies cost and discover: MAP@12 against coverage, novelty and relevant items outside the head.",
        discussion: """
            Without --test: trains on all but the last days and judges on these. With it: judges the current model on held-out pairs.
            A policy is written as \(PolicyChoice.grammar).
            """)

    @OptionGroup var stores: StoreOptions
    @Option(help: "Days to reserve.") var days = 7.0
    @Option(help: "Factors of the model that is trained.") var dimension = 64
    @Option(help: "CSV with columns user_id and item_id: pairs that the current model has not seen.") var test: String?
    @Option(
        name: .customLong("policy"), help: "A policy to judge, as often as wanted; by default a grid of all of them.",
        transform: PolicyArgument.parse)
    var policies: [PolicyChoice] = []
    @Option(help: "Slates drawn for each user by a policy that chances.") var draws = 5
    @Option(help: "Users to judge, drawn by chance; by default all.") var sample: Int?
    @Option(help: "Candidates that a policy sees.") var candidates = 100
    @Option(help: "Share of the items, the most taken first, that is the head.") var head = 0.05
    @Option(help: "Loss of MAP@12 at which to compare discoveries, in percent.") var loss = 3.0
    @Option(help: "Write a page with curves to this file.") var html: String?
    @Flag(help: "Print JSON instead of a table.") var json = false

    func validate() throws {
        guard draws > 0, candidates >= 12, head >= 0, head < 1, days > 0, loss >= 0 else {
            throw ValidationError("--draws, --days and --loss are above 0, --candidates at least 12, --head in 0..<1")
        }
        guard sample.map({ $0 > 0 }) ?? true else { throw ValidationError("--sample must be above 0") }
        for policy in policies {
            if case .fixed(let composed) = policy, composed.quota != nil {
                throw ValidationError("\(policy.text): quotas look at the catalogue, which is not read here")
            }
        }
    }

    func run() async throws {
        signal(SIGPIPE, SIG_IGN)
        let store = try await stores.open(.bulk)
        let (snapshot, held) = try await split(store)
        var generator = SplitMix64(seed: 1)
        let drawn = held.keys.sorted().shuffled(using: &generator).prefix(sample ?? held.count)
        let users = drawn.sorted()
        let relevant = users.map { held[$0] ?? [] }
        var evaluation = PolicyEvaluation(snapshot)
        (evaluation.draws, evaluation.candidates, evaluation.head) = (draws, candidates, head)
        let exploration = snapshot.configuration.exploration ?? .standard
        let chosen = policies.map { choice -> ComposedPolicy in
            if case .fixed(let policy) = choice { return policy }
            return exploration.policy(forStranger: false)
        }
        let progress = ProgressReporter(label: "policies", unit: "users")
        let judged = chosen.isEmpty ? PolicyReport.grid : [.greedy] + chosen.filter { $0 != .greedy }
        let figures = await evaluation.figures(
            users: users, relevant: relevant, policies: judged, clock: nanoseconds
        ) { done, total in
            progress.update(Int64(done), fraction: Double(done) / Double(max(1, total)))
        }
        progress.finish(Int64(users.count))
        let report = PolicyReport(figures: figures, users: users.count, loss: loss / 100)
        if let html {
            try report.page(title: "Policies on \(stores.data)").write(toFile: html, atomically: true, encoding: .utf8)
        }
        print(json ? try report.json() : report.table)
    }

    private func split(_ store: Stores) async throws -> (ModelSnapshot, [Int: Set<Int32>]) {
        if let test {
            guard let version = try await store.models.current() else {
                throw CannotGoOn("\(stores.data) holds no model: train one with rec-train --data \(stores.data)")
            }
            let snapshot = try await store.models.load(version)
            return (snapshot, try RecommendationFile(snapshot: snapshot).pairs(of: test))
        }
        _ = try await store.takeLoggedEvents()
        let training = try await store.trainingData()
        let options = TrainingOptions(als: try ALSConfiguration(dimension: dimension))
        let steps = TrainingProgress()
        let created = Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
        return try await training.holdingOut(days: days, options, created: created) { steps.report($0) }
    }
}

private func nanoseconds() -> Double { Double(DispatchTime.now().uptimeNanoseconds) }
