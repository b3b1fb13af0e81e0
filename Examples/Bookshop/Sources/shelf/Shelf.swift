// From a table of sales to a list with reasons, with RecCore alone: no store, no server, no clock.
import Foundation
import RecCore

@main
struct Shelf {
    static func main() async throws {
        let arguments = Array(CommandLine.arguments.dropFirst())
        guard let folder = arguments.first, arguments.count <= 2 else {
            print("usage: shelf FOLDER [READER]    the folder holds books.csv and sales.csv")
            exit(2)
        }
        let reader = arguments.count == 2 ? arguments[1] : "anna"
        let titles = Dictionary(
            try rows(of: folder + "/books.csv").map { ($0[0], $0[1]) }, uniquingKeysWith: { $1 })

        // Train: events and what the shop says of its books.
        var builder = HistoryBuilder()
        for sale in try sales(in: folder) { builder.add(sale) }
        guard let last = builder.timeRange?.last, let version = ModelVersion("shelf") else {
            print("shelf: \(folder)/sales.csv holds no sales")
            exit(1)
        }
        let data = TrainingData(builder: builder, attributes: try attributes(in: folder))
        let model = try await data.train(TrainingOptions(), version: version, created: last)
        print("learned from \(builder.eventCount) sales of \(model.history.items.count) books")

        // Recommend: to a reader that the model knows.
        func title(_ row: Int) -> String {
            let name = model.history.items.name(of: row)
            return titles[name] ?? name
        }
        func show(_ heading: String, _ evidence: UserEvidence) {
            print("\n\(heading)")
            let ranking = model.ranking(for: evidence, limit: 5, withPast: false)
            for (place, why) in model.explanations(of: ranking, for: evidence).enumerated() {
                let channel = why.channels.max { ($0.value, $1.key.name) < ($1.value, $0.key.name) }?.key.name
                let past = why.past.prefix(2).map { title($0.item) }
                let because = past.isEmpty ? "" : ", after " + past.joined(separator: " and ")
                print("\(place + 1). \(title(why.item)): \(channel ?? "no reason")\(because)")
            }
        }
        show("for \(reader)", model.evidence(of: UserID(reader), events: []))

        // And to somebody who bought one book a minute ago, without training again.
        let sale = try Interaction(
            event: EventID("receipt"), user: UserID("a newcomer"), item: ItemID("red-orbit"), kind: .purchase,
            timestamp: last)
        show("for a newcomer who took Red Orbit", model.evidence(of: sale.user, events: [sale]))
        show("for somebody of whom nothing is known", model.evidence(of: nil, events: []))
    }

    private static func sales(in folder: String) throws -> [Interaction] {
        try rows(of: folder + "/sales.csv").compactMap { row in
            guard row.count == 4, let day = day(row[1]) else { return nil }
            return try Interaction(
                event: EventID(row[0]), user: UserID(row[2]), item: ItemID(row[3]), kind: .purchase, timestamp: day)
        }
    }

    private static func attributes(in folder: String) throws -> [ItemID: [String: String]] {
        let books = try rows(of: folder + "/books.csv").filter { $0.count == 4 }.map { row in
            (ItemID(row[0]), ["title": row[1], "author": row[2], "genre": row[3]])
        }
        return Dictionary(books, uniquingKeysWith: { $1 })
    }

    /// The rows behind the heading. These tables have no quotes; `RecFiles` reads those that do.
    private static func rows(of path: String) throws -> [[String]] {
        try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").dropFirst()
            .map { $0.split(separator: ",").map(String.init) }.filter { $0.count > 1 }
    }

    /// `2024-03-05` as its midnight.
    private static func day(_ text: String) -> Timestamp? {
        let parts = text.split(separator: "-").compactMap { Int($0) }
        return parts.count == 3 ? Timestamp(year: parts[0], month: parts[1], day: parts[2]) : nil
    }
}
