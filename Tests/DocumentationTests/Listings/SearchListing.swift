// The listings of the article Search, word for word.
import RecCore

/// What the listings on inner products found.
struct SearchFound {
    let factors: DenseMatrix
    let found: [ScoredRow]
    let work: PrunedSearch.Work
    let expected: [ScoredRow]
    let open: [ScoredRow]
    let lists: [[ScoredRow]]
}

func searchListing() -> SearchFound {
    // Listing begins: exact
    var generator = SplitMix64(seed: 7)
    let (rows, d) = (2_000, 16)
    // Rows of different length, as those of trained items are.
    let factors = DenseMatrix(
        rows: rows, columns: d,
        (0..<rows).flatMap { row -> [Float] in
            let length = 3 / (1 + Float(row % 50))
            return (0..<d).map { _ in length * generator.nextNormal() }
        })
    let query = (0..<d).map { _ in generator.nextNormal() }

    let search = PrunedSearch(factors)
    var work = PrunedSearch.Work()
    let found = search.largest(10, query: query, in: factors, work: &work)
    for place in found { print(place.row, place.score) }
    print(work.coded, "rows read in bytes,", work.scored, "scored in full, of", rows)
    // Listing ends
    // Listing begins: brute-force
    var best = TopK(capacity: 10)
    for row in 0..<factors.rows {
        let score = zip(factors[row: row], query).reduce(Float(0)) { $0 + $1.0 * $1.1 }
        best.offer(ScoredRow(row: row, score: score))
    }
    let expected = best.sorted()
    // Listing ends
    // Listing begins: open
    let open = search.largest(10, query: query, in: factors) { row in row % 3 != 0 }
    // Listing ends
    // Listing begins: many
    let others = DenseMatrix.normal(rows: 8, columns: d, deviation: 1, seed: 9)
    let lists = search.largest(10, queries: others, in: factors) { number, row in row != number }
    // Listing ends
    return SearchFound(factors: factors, found: found, work: work, expected: expected, open: open, lists: lists)
}

func similarItemsListing(model: ModelSnapshot) -> [String] {
    // Listing begins: similar
    let items = model.factors.items
    let cosines = PrunedSearch(items, weights: model.itemScale)
    var names: [String] = []
    if let row = model.history.items.row(of: "i4") {
        let direction = items[row: row].map { $0 * model.itemScale[row] }
        let similar = cosines.largest(3, query: direction, in: items) { $0 != row }
        names = similar.map { model.history.items.name(of: $0.row) }
    }
    // Listing ends
    return names
}

func textListing() -> (typed: (rows: [ScoredRow], total: Int, terms: [String]), misspelt: [Int], admitted: [Int]) {
    // Listing begins: text
    let names = ["Black skirt", "Ski jacket, black", "Red skirts", "Blue hat"]
    let texts = ["pleated, of wool", "for cold days", "worn with a black belt", ""]
    let index = TextIndex.build(count: names.count) { row in
        [(names[row], Float(3)), (texts[row], Float(1))]
    }
    let typed = index.search("black ski", limit: 10)
    print(typed.rows.map { names[$0.row] })  // Ski jacket, black; Black skirt; Red skirts
    print(typed.terms)  // black, ski, skirt
    let misspelt = index.search("jaket", limit: 10).rows.map(\.row)  // 1
    let admitted = index.search("black", limit: 10, admits: { $0 != 1 }).rows.map(\.row)  // 0, 2
    // Listing ends
    return (typed, misspelt, admitted)
}

func alikeListing() -> [Int: Float] {
    // Listing begins: alike
    let catalogue = [
        ["kind": "dress", "colour": "black"], ["kind": "dress", "colour": "red"],
        ["kind": "hat", "colour": "black"], ["kind": "hat", "colour": "black"], ["kind": "hat", "colour": "red"],
        ["kind": "dress", "colour": "black"],  // new: nobody took it yet
    ]
    let features = ItemFeatures.build(catalogue)
    let neighbours = ContentNeighbours.build(
        features, hasEvents: [true, true, true, true, true, false], count: 2)
    var alike: [Int: Float] = [:]  // the items that lead to the new one, and the squared cosine
    for item in 0..<5 {
        for entry in neighbours.matrix.range(of: item) where neighbours.matrix.indices[entry] == 5 {
            alike[item] = neighbours.matrix.values[entry]
        }
    }
    print(alike)  // 0: 1, 1: 0.212
    // Listing ends
    return alike
}

func browserListing(
    engine: RecommendationEngine, now: Timestamp
) async throws -> (found: ItemsFound, around: ItemSurroundings?) {
    // Listing begins: browser
    let browser = CatalogueBrowser(engine: engine)
    let found = try await browser.search("shelf 2", limit: 3, now: now)
    print(found.total, found.items.map(\.name), found.terms)
    let around = try await browser.surroundings(of: ItemID("i4"), limit: 3)
    for neighbour in around?.taste ?? [] { print("by taste", neighbour.item.name, neighbour.score) }
    for neighbour in around?.content ?? [] { print("by content", neighbour.item.name, neighbour.score) }
    // Listing ends
    return (found, around)
}
