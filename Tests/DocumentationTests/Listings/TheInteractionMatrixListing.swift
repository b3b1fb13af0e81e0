// The listings of RecCore.docc/TheInteractionMatrix.md, word for word.
import RecCore

/// Three events of two users, and what a history makes of them.
func historyListing() throws -> (history: InteractionHistory, lines: [String]) {
    var lines: [String] = []
    func print(_ values: Any...) { lines.append(values.map { "\($0)" }.joined(separator: " ")) }
    // Listing begins: history
    let monday = Timestamp(milliseconds: 1_760_313_600_000)
    var builder = HistoryBuilder()
    builder.add(
        try Interaction(user: UserID("anna"), item: ItemID("tea"), kind: .purchase, timestamp: monday))
    builder.add(
        try Interaction(
            user: UserID("anna"), item: ItemID("tea"), kind: .view, timestamp: monday.advanced(byDays: 1)))
    builder.add(
        try Interaction(user: UserID("ben"), item: ItemID("mug"), kind: .cart, timestamp: monday.advanced(byDays: 2)))
    builder.add(item: ItemID("pot"))  // the catalogue lists it; nobody took it yet

    let history = builder.build()
    let matrix = history.matrix
    for user in 0..<matrix.rows {
        for entry in matrix.range(of: user) {
            let item = Int(matrix.indices[entry])
            print(history.users.name(of: user), history.items.name(of: item), matrix.values[entry])
        }
    }
    // Listing ends
    return (history, lines)
}

/// What events of several kinds and ages weigh.
func confidenceListing() -> [Float] {
    let monday = Timestamp(milliseconds: 1_760_313_600_000)
    // Listing begins: confidence
    var confidence = ConfidenceModel()
    confidence.kindWeights[.view] = 0.1
    confidence.halfLifeDays = 30

    let now = monday.advanced(byDays: 30)
    let old = confidence.weight(of: .purchase, at: monday, now: now)  // 0.5: one half-life ago
    let new = confidence.weight(of: .purchase, at: now, now: now)  // 1
    let pair = confidence.confidence(ofSum: old + new)  // 1 + ln 1.5
    // Listing ends
    return [Float(old), Float(new), pair]
}

/// A matrix from columns of one's own, and its transpose.
func matrixListing() -> (matrix: InteractionMatrix, turned: InteractionMatrix) {
    // Listing begins: matrix
    // users x items: anna took items 0 and 2, ben took none, carla took item 2.
    let matrix = InteractionMatrix(
        rows: 3, columns: 3, offsets: Column([0, 2, 2, 3]), indices: Column([0, 2, 2]), values: Column([1, 0.5, 1]))
    let turned = matrix.transposed()
    let takers = turned.range(of: 2).map { turned.indices[$0] }  // users of item 2: [0, 2]
    // Listing ends
    precondition(takers == [0, 2])
    return (matrix, turned)
}

/// A cut in time: one part to learn from, one to ask for.
func splitListing(_ builder: HistoryBuilder) -> (split: HistorySplit, past: InteractionHistory) {
    // Listing begins: split
    let split = builder.validationSplit(days: 2)
    let past = builder.build(only: split.isTraining)
    for (user, items) in split.test.sorted(by: { $0.key < $1.key }) {
        print(past.users.name(of: user), items.map { past.items.name(of: Int($0)) }.sorted())
    }
    // Listing ends
    return (split, past)
}
