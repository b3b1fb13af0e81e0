// The listings of the article EvaluatingOffline, word for word.
import RecCore

func metricsListing() -> (single: [Double], users: Int, means: [String: Double]) {
    // Listing begins: metrics
    typealias Metrics = RankingMetrics<String>
    let list = ["a", "b", "c", "d"]
    let taken: Set = ["a", "c", "x"]
    let precision = Metrics.averagePrecision(list, taken, at: 12)  // (1/1 + 2/3) / min(3, 12) = 0.556
    let recall = Metrics.recall(list, taken, at: 20)  // 2 / 3
    let gain = Metrics.ndcg(list, taken, at: 20)  // (1 + 1/2) / (1 + 0.631 + 1/2) = 0.704
    // Listing ends
    // Listing begins: means
    var metrics = RankingMetrics<String>(catalogueSize: 8, events: ["a": 6, "b": 3, "c": 1])
    metrics.add(predicted: list, relevant: taken)
    metrics.add(predicted: [], relevant: ["b"])  // without a list: scores 0
    metrics.add(predicted: list, relevant: [])  // took nothing: left out
    print(metrics.userCount)  // 2
    print(metrics.results)  // MAP@12 0.278, Coverage@12 4 of 8, Novelty@12 2.53 bits, …
    // Listing ends
    return ([precision, recall, gain], metrics.userCount, metrics.results)
}

func splitListing(events: [Interaction]) -> (split: HistorySplit, folds: [HistorySplit]) {
    // Listing begins: split
    var builder = HistoryBuilder()
    for event in events { builder.add(event) }
    let split = builder.validationSplit(days: 2)
    if let cut = split.cut { print(cut) }  // learned from before, asked for from here on
    print(split.isTraining.count { $0 }, "events to learn from,", split.test.count, "users to judge")
    let folds = builder.evaluationFolds(days: 2, count: 3)  // the same window, moved back twice
    // Listing ends
    return (split, folds)
}

func evaluateListing(
    events: [Interaction], now: Timestamp
) async throws -> (report: FoldedEvaluation, figures: [PolicyFigures]) {
    // Listing begins: evaluate
    var builder = HistoryBuilder()
    for event in events { builder.add(event) }
    let data = TrainingData(builder: builder, attributes: [:])
    let options = TrainingOptions(
        als: try ALSConfiguration(dimension: 6, sweeps: 4), validationDays: 2, validationFolds: 1)
    let (report, model) = try await data.evaluate(options, days: 2, folds: 2, created: now)
    for row in report.rows {
        let margin = row.intervals["MAP@12"]?.margin ?? 0
        print(row.name, row.metrics["MAP@12"] ?? 0, "±", margin, "lead of the model", row.lead ?? 0)
    }
    for fold in report.folds {
        for segment in fold.segments { print(fold.users, segment.name, segment.users) }
    }
    print(report.skipped, report.notes, model.configuration.repeats)
    // Listing ends
    // Listing begins: policies
    let (snapshot, test) = try await data.holdingOut(days: 2, options, created: now)
    let users = test.keys.sorted()
    let figures = await PolicyEvaluation(snapshot).figures(
        users: users, relevant: users.map { test[$0] ?? [] },
        policies: [
            .greedy, ComposedPolicy(.greedy, temper: 0.3), ComposedPolicy(.plackettLuce(temperature: 0.5)),
        ])
    for row in figures {
        print(row.policy.text, row.map12, row.tailHits, row.coverage, row.novelty, row.diversity)
    }
    // Listing ends
    return (report, figures)
}
