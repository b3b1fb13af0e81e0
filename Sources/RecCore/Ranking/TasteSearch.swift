// The taste signal without scoring the whole catalogue: its spread from moments, its candidates from a pruned search.

/// What a user's factors say of all items.
struct TasteSearch: Sendable {
    private let search: ItemSearch
    /// Mean factors of the items with events, and their mean outer product (d x d).
    private let mean: [Float]
    private let square: DenseMatrix

    /// - Parameter base: a search over the same items with events, to share.
    /// - Complexity: O(items * d^2), or O(new items * d) with `base`.
    init(_ factors: DenseMatrix, isNew: [Bool], sharing base: TasteSearch? = nil) {
        search = ItemSearch(factors, isNew: isNew, sharing: base?.search)
        if let base, base.search.sold.count == search.sold.count {
            (mean, square) = (base.mean, base.square)
            return
        }
        let soldRows = isNew.indices.filter { !isNew[$0] }
        let d = factors.columns
        let rows = DenseMatrix(
            rows: soldRows.count, columns: d, elements: Column(joining: soldRows.map { factors.elementsOfRow($0) }))
        let count = Float(max(1, soldRows.count))
        mean = rows.columnMeans().map { Float($0) }
        square = DenseMatrix(rows: d, columns: d, rows.gram().map { $0 / count })
    }

    /// 1 / standard deviation of the inner products of `query` with the items with events; 0 where they are all the same.
    /// - Complexity: O(d^2).
    func scale(of query: [Float]) -> Float {
        var (average, squares) = (0.0, 0.0)
        let image = square.multiplied(byVector: query)
        for k in query.indices {
            average += Double(mean[k]) * Double(query[k])
            squares += Double(image[k]) * Double(query[k])
        }
        let variance = squares - average * average
        // Below this it is what Float32 leaves of equal scores.
        return variance > max(1e-20, 1e-6 * squares) ? Float(1 / variance.squareRoot()) : 0
    }

    /// The `count` items with the largest inner products, of those with events and of new ones; and the known ones with theirs.
    /// - Parameter known: distinct rows that are open, in the hope that some of them are among the largest: the search then
    ///   passes over more of the others. What is found does not depend on them.
    func propose(
        _ count: Int, _ query: [Float], _ factors: DenseMatrix, known: [Int32], isNew: [Bool],
        where isOpen: (Int) -> Bool, _ take: (ScoredRow) -> Void
    ) {
        var (bestSold, bestNew) = (TopK(capacity: count), TopK(capacity: count))
        for (turn, row) in known.enumerated() {
            if turn + 3 < known.count { factors.willRead(row: Int(known[turn + 3])) }
            let row = Int(row)
            let found = ScoredRow(row: row, score: factors.dot(row: row, query))
            take(found)
            if isNew[row] { bestNew.offer(found) } else { bestSold.offer(found) }
        }
        for (search, floor) in [(search.sold, bestSold.threshold), (search.new, bestNew.threshold)] {
            for found in search.largest(count, query: query, in: factors, atLeast: floor, where: isOpen) {
                take(found)
            }
        }
    }
}
