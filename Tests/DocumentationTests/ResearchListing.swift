// The research example of Docs/Evaluation.md, word for word: what stands between the marks is what the page shows.
import RecCore

/// Judges a model on windows of the past and takes the places of one user apart.
func researchListing(
    events: [Interaction], attributes: [ItemID: [String: String]], now: Timestamp
) async throws -> (report: FoldedEvaluation, reasons: [Explanation]) {
    // Listing begins
    var builder = HistoryBuilder()
    for event in events { builder.add(event) }
    let data = TrainingData(builder: builder, attributes: attributes)
    let (report, model) = try await data.evaluate(TrainingOptions(), days: 2, folds: 2, created: now)
    for row in report.rows { print(row.name, row.metrics["MAP@12"] ?? 0, row.intervals["MAP@12"]?.margin ?? 0) }
    let anna = model.evidence(of: UserID("anna"), events: [])
    let ranking = model.ranking(for: anna, limit: 5, withPast: true)
    let reasons = model.explanations(of: ranking, for: anna)
    for why in reasons { print(model.history.items.name(of: why.item), why.score, why.channels, why.past) }
    // Listing ends
    return (report, reasons)
}
