// From the last ten events of a user to a ranked list, next to implicit's recalculation and top-k.
import ArgumentParser
import Foundation
import RecCore

struct FoldInCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fold-in",
        abstract: "Milliseconds from ten events to a list, in memory, one thread.",
        discussion: """
            On a model that rec-train published: fold-in of the events, search, all signals, blend, twenty items. The peer solves \
            for the same user against the same item factors and takes the top twenty by score alone, which is less work.
            """)
    @OptionGroup var common: CommonOptions
    @Option(help: "Data folder with a trained model.") var data: String
    @Option(help: "Requests of a round.") var requests = 2000

    func run() throws {
        let models = try ModelDirectory(path: data + "/models")
        guard let version = try models.current() else {
            throw ValidationError("\(data) has no model: run rec-train --data \(data)")
        }
        var loaded: ModelSnapshot?
        let start = ContinuousClock.now
        loaded = try models.load(version)
        guard let model = loaded else { return }
        var generator = SplitMix64(seed: 7)
        let history = model.history
        // Sessions are ten items that one user took, or that several did where nobody took ten.
        let sessions = (0..<requests).map { request -> [Interaction] in
            var items: [Int32] = []
            while items.count < 10 {
                let user = Int(generator.next() % UInt64(history.users.count))
                items += history.past(of: user).map(\.item).prefix(10 - items.count)
            }
            return items.enumerated().compactMap { place, item in
                try? Interaction(
                    user: UserID("visitor \(request)"), item: ItemID(history.items.name(of: Int(item))),
                    kind: .purchase,
                    timestamp: Timestamp(milliseconds: history.lastTime.milliseconds + Int64(place) * 1000))
            }
        }
        func answer(_ request: Int) -> Int {
            let evidence = model.evidence(of: UserID("visitor \(request)"), events: sessions[request])
            return model.ranking(for: evidence, limit: 20, withPast: true).count
        }
        _ = answer(0)
        Figure(
            name: "load.first-answer", unit: "seconds from nothing to the first list",
            ours: [(ContinuousClock.now - start) / .seconds(1)],
            note: "\(history.users.count) users, \(history.items.count) items"
        ).print()
        let folder = try WorkFolder()
        let items = model.factors.items
        try NumpyWriter.write(
            (0..<items.rows).flatMap { items[row: $0] }, type: "<f4", shape: [items.rows, items.columns],
            to: folder.path + "/items.npy")
        let rows = sessions.flatMap { $0.compactMap { history.items.row(of: $0.item.rawValue).map(Int32.init) } }
        try NumpyWriter.write(rows, type: "<i4", shape: [requests, 10], to: folder.path + "/sessions.npy")
        let peer = Peer("implicit_fold_in", common, threads: 1)
        _ = peer?.ask("load \(folder.path)")
        var (medians, tails, theirMedians, theirTails): ([Double], [Double], [Double], [Double]) = ([], [], [], [])
        for _ in 0..<common.rounds {
            let times = (0..<requests).map { request in seconds { _ = answer(request) } * 1000 }.sorted()
            medians.append(quantile(0.5, ofSorted: times))
            tails.append(quantile(0.99, ofSorted: times))
            let theirs = peer?.numbers("requests \(min(requests, 500))", "ms").sorted() ?? []
            if !theirs.isEmpty {
                theirMedians.append(quantile(0.5, ofSorted: theirs))
                theirTails.append(quantile(0.99, ofSorted: theirs))
            }
        }
        let d = items.columns
        Figure(
            name: "fold-in.rank.d\(d).median", unit: "ms, 1 thread", ours: medians, peer: theirMedians,
            peerName: "implicit recalculate_user and topk"
        ).print()
        Figure(
            name: "fold-in.rank.d\(d).p99", unit: "ms, 1 thread", ours: tails, peer: theirTails,
            peerName: "implicit recalculate_user and topk"
        ).print()
        Figure(name: "fold-in.memory", unit: "MiB at most", ours: [peakMemory()]).print()
    }
}
