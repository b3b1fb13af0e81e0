// The listings of RecCore.docc/GettingStarted.md, word for word.
import RecCore
import RecEmbedded

/// What the parts of the article hand to one another, for the tests.
struct GettingStarted {
    let data: TrainingData
    let model: ModelSnapshot

    static func run() async throws -> GettingStarted {
        // Listing begins: history
        var builder = HistoryBuilder()
        let start = Timestamp(milliseconds: 1_760_000_000_000)
        for day in 0..<10 {
            for (number, name) in ["anna", "ben", "carla", "dora", "emil", "frida"].enumerated() {
                let drink = number % 2 == 0 ? "tea" : "coffee"
                let cup = try Interaction(
                    user: UserID(name), item: ItemID("\(drink)-\((day + number) % 4)"), kind: .purchase,
                    timestamp: start.advanced(byDays: Double(day)))
                builder.add(cup)
            }
        }
        let data = TrainingData(builder: builder, attributes: [ItemID("tea-0"): ["sort": "green tea"]])
        // Listing ends

        // Listing begins: train
        let now = start.advanced(byDays: 10)
        let model = try await data.train(TrainingOptions(), version: ModelVersion(at: now), created: now)
        print(model.history.users.count, model.history.items.count, model.history.eventCount)  // 6 8 60
        // Listing ends
        return GettingStarted(data: data, model: model)
    }

    func rank() -> [String] {
        // Listing begins: rank
        let anna = model.evidence(of: UserID("anna"), events: [])
        let ranking = model.ranking(for: anna, limit: 4, withPast: true)
        for place in ranking {
            let name = model.history.items.name(of: place.item)
            print(name, place.score, place.mainChannel?.name ?? "")
        }
        // Listing ends
        return ranking.map { model.history.items.name(of: $0.item) }
    }

    func serve(folder: String) async throws -> (before: Recommendations, after: Recommendations) {
        let now = model.created
        // Listing begins: engine
        let store = try await EmbeddedStore(folder: folder)
        try await store.models.publish(model)
        let engine = store.engine()
        try await engine.reload()

        let request = RecommendationRequest(user: UserID("guest"), limit: 3)
        let before = try await engine.recommend(request, id: "answer-1", now: now)

        let sip = try Interaction(
            event: EventID("event-1"), user: UserID("guest"), item: ItemID("coffee-1"), kind: .purchase, timestamp: now)
        try await engine.record([sip])
        let after = try await engine.recommend(request, id: "answer-2", now: now)
        print(before.mode, after.mode, after.window?.events ?? 0)
        // Listing ends
        return (before, after)
    }

    func judge() async throws -> FoldedEvaluation {
        let now = model.created
        // Listing begins: judge
        let (report, _) = try await data.evaluate(TrainingOptions(), days: 2, created: now)
        for row in report.rows { print(row.name, row.metrics["MAP@12"] ?? 0) }
        // Listing ends
        return report
    }
}
