// The listings of RecCore.docc/AlternatingLeastSquares.md, word for word.
import RecCore

/// Settings in the terms of other libraries.
func settingsListing() throws -> ALSConfiguration {
    // Listing begins: settings
    // `alpha` weighs observed pairs, against 1 for the others; `reg` is lambda on that scale.
    let (alpha, reg) = (40.0, 1.0)
    var settings = try ALSConfiguration(
        dimension: 64, unobservedWeight: 1 / (alpha - 1), regularization: reg / (alpha - 1), sweeps: 15)
    settings.usesExposure = false
    // Listing ends
    return settings
}

/// A factorisation of a history, with its loss after each sweep.
func fitListing(_ history: InteractionHistory) throws -> (result: ALSResult, losses: [Double]) {
    // Listing begins: fit
    let settings = try ALSConfiguration(
        dimension: 8, unobservedWeight: 0.1, regularization: 0.01, frequencyScaling: 1, sweeps: 10)
    var losses: [Double] = []
    let result = try ALSTrainer(settings).fit(history.matrix) { sweep, _, loss in
        losses.append(loss().total)
        return sweep < 3 || losses[sweep - 1] < losses[sweep - 2] * 0.999  // false ends the run
    }
    // Listing ends
    return (result, losses)
}

/// The best items of a user by factors alone.
func scoreListing(_ history: InteractionHistory, _ factors: Factors) -> [String] {
    // Listing begins: score
    let user = factors.users[row: history.users.row(of: "u1") ?? 0]
    var best = TopK(capacity: 5)
    for item in 0..<factors.items.rows {
        let score = zip(user, factors.items[row: item]).reduce(0) { $0 + $1.0 * $1.1 }
        best.offer(ScoredRow(row: item, score: score))
    }
    let names = best.sorted().map { history.items.name(of: $0.row) }
    // Listing ends
    return names
}

/// The factors of a user from events alone: of one that training knew, and of a new one.
func foldInListing(_ history: InteractionHistory, _ factors: Factors, _ settings: ALSConfiguration) -> (
    again: [Float], guest: [Float]
)? {
    // Listing begins: foldIn
    guard let foldIn = FoldIn(items: factors.items, configuration: settings) else { return nil }
    let entries = history.matrix.range(of: 0)
    let again = foldIn.user(
        entries: entries.map { history.matrix.indices[$0] },
        confidences: entries.map { history.matrix.values[$0] })  // what training gave user row 0
    let guest = foldIn.user(entries: [2, 4], confidences: [1, 0.2])  // bought item row 2, viewed item row 4
    // Listing ends
    return (again, guest)
}

/// A factorisation that knows what items and exposure say.
func sideListing(_ history: InteractionHistory, _ attributes: [[String: String]]) throws -> ALSResult {
    // Listing begins: side
    let features = ItemFeatures.build(attributes)  // attributes of each item row
    let side = ALSSideInformation(itemFeatures: features.matrix, exposure: history.itemExposure)
    let result = try ALSTrainer(ALSConfiguration(dimension: 8, sweeps: 6)).fit(history.matrix, side: side)
    // Listing ends
    return result
}
