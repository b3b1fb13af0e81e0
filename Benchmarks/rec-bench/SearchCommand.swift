// Exact top-k over item factors next to faiss, hnswlib and usearch.
import ArgumentParser
import Foundation
import RecCore

struct SearchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "search",
        abstract: "Microseconds a query of exact top-k, one at a time and 64 at a time, one thread.",
        discussion: """
            Vectors are the item factors of a model trained on a made-up matrix, with users as queries, and again random ones. \
            All lists are compared with faiss' flat index; a list counts as the same when only items whose scores differ by less than a \
            millionth part changed places at its end.
            """)
    @OptionGroup var common: CommonOptions
    @Option(help: "Data folder whose model's factors are searched; by default a made-up matrix is factorised.")
    var data: String?
    @Option(help: "Factors.") var dimension = 128
    @Option(help: "Items at 100 percent.") var items = 100_000
    @Option(help: "Queries whose lists are compared.") var queries = 10_000
    @Option(help: "Length of a list.") var top = 50

    func run() throws {
        let factors = try data.map(published) ?? trained()
        let users = factors.users.rows
        let step = max(1, users / queries)
        let (count, dimension) = (factors.items.rows, factors.items.columns)
        let chosen = (0..<queries).flatMap { factors.users[row: $0 * step % users] }
        try measure(
            data == nil ? "search" : "search.model", factors.items,
            DenseMatrix(rows: queries, columns: dimension, chosen))
        guard data == nil else { return }
        let random = DenseMatrix.normal(rows: count, columns: dimension, deviation: 1, seed: 1)
        try measure("search.random", random, .normal(rows: queries, columns: dimension, deviation: 1, seed: 2))
    }

    private func published(_ folder: String) throws -> Factors {
        let models = try ModelDirectory(path: folder + "/models")
        guard let version = try models.current() else {
            throw ValidationError("\(folder) has no model: run rec-train --data \(folder)")
        }
        return try models.load(version).factors
    }

    private func trained() throws -> Factors {
        let count = common.scaled(items, least: 1000)
        say("training \(count) x \(dimension) factors")
        let users = max(2 * count, queries)
        let matrix = MadeUpMatrix.make(users: users, items: count, pairs: 28 * users)
        return try ALSTrainer(ALSConfiguration(dimension: dimension, sweeps: 5)).fit(matrix).factors
    }

    private func measure(_ name: String, _ items: DenseMatrix, _ queries: DenseMatrix) throws {
        let size = common.percent == 100 ? "" : "@\(common.percent)%"
        let folder = try WorkFolder()
        try write(items, to: folder.path + "/items.npy")
        try write(queries, to: folder.path + "/queries.npy")
        let dimension = items.columns
        var search: PrunedSearch?
        let building = seconds { search = PrunedSearch(items) }
        guard let search else { return }
        Figure(name: "\(name).build.d\(dimension)\(size)", unit: "seconds", ours: [building]).print()
        let peers = ["faiss_flat", "hnsw", "usearch_exact"].compactMap { Peer($0, common, threads: 1) }
        for peer in peers { _ = peer.ask("load \(folder.path) \(top)") }
        let single = min(1000, queries.rows)
        let rows = (0..<queries.rows).map { queries[row: $0] }
        let batches = stride(from: 0, to: min(queries.rows, 1024), by: 64).map { start in
            DenseMatrix(
                rows: min(64, queries.rows - start), columns: dimension,
                rows[start..<min(start + 64, queries.rows)].flatMap { $0 })
        }
        let batched = batches.reduce(0) { $0 + $1.rows }
        var ones = Dictionary(uniqueKeysWithValues: peers.map { ($0.name, [Double]()) })
        var manys = ones
        var (own, ownMany): ([Double], [Double]) = ([], [])
        for _ in 0..<common.rounds {
            own.append(
                seconds { for query in rows.prefix(single) { _ = search.largest(top, query: query, in: items) } }
                    / Double(single) * 1e6)
            ownMany.append(
                seconds { for batch in batches { _ = search.largest(top, queries: batch, in: items) } }
                    / Double(batched) * 1e6)
            for peer in peers {
                ones[peer.name, default: []] += peer.numbers("single \(single)", "us")
                manys[peer.name, default: []] += peer.numbers("batch 64 \(batched)", "us")
            }
        }
        var work = PrunedSearch.Work()
        for query in rows.prefix(single) { _ = search.largest(top, query: query, in: items, work: &work) }
        let all = Double(single * items.rows) / 100
        let read = String(
            format: "%.1f %% of the rows read in bytes, %.2f %% scored in full", Double(work.coded) / all,
            Double(work.scored) / all)
        for peer in peers.isEmpty ? [nil] : peers.map(Optional.some) {
            let suffix = peer?.name == "faiss_flat" || peer == nil ? "" : ".vs-\(peer?.name ?? "")"
            Figure(
                name: "\(name).top\(top).d\(dimension).single\(suffix)\(size)", unit: "us a query, 1 thread", ours: own,
                peer: ones[peer?.name ?? ""] ?? [], peerName: peer?.name,
                note: suffix.isEmpty ? read : recall(peer)
            ).print()
            Figure(
                name: "\(name).top\(top).d\(dimension).batch64\(suffix)\(size)", unit: "us a query, 1 thread",
                ours: ownMany, peer: manys[peer?.name ?? ""] ?? [], peerName: peer?.name
            ).print()
        }
        guard let faiss = peers.first(where: { $0.name == "faiss_flat" }) else { return }
        var found: [Int32] = []
        for query in rows {
            let list = search.largest(top, query: query, in: items).map { Int32($0.row) }
            found += list + Array(repeating: -1, count: top - list.count)
        }
        try NumpyWriter.write(found, type: "<i4", shape: [rows.count, top], to: folder.path + "/found.npy")
        let answer = faiss.ask("compare \(folder.path)")
        Figure(
            name: "\(name).same-sets.d\(dimension)\(size)", unit: "lists of \(rows.count) equal to faiss flat",
            ours: [answer?["same"] as? Double ?? .nan], isRate: true, note: answer?["note"] as? String
        ).print()
    }

    private func recall(_ peer: Peer?) -> String? {
        guard let value = peer?.numbers("recall", "recall").first else { return nil }
        return String(format: "the peer's recall is %.4f", value)
    }

    private func write(_ matrix: DenseMatrix, to path: String) throws {
        try NumpyWriter.write(
            (0..<matrix.rows).flatMap { matrix[row: $0] }, type: "<f4", shape: [matrix.rows, matrix.columns], to: path)
    }
}
