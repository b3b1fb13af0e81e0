// The items nearest to a direction, those with events and those without apart.

/// Two searches over the item factors: items join a served model without events, so that only the second is made anew.
struct ItemSearch: Sendable {
    let sold: PrunedSearch
    let new: PrunedSearch

    /// - Parameters:
    ///   - weights: of the scores of all rows; `nil` = 1.
    ///   - base: a search over the same items with events and their weights, to share.
    /// - Complexity: O(items * d), or O(new items * d) with `base`.
    init(_ factors: DenseMatrix, isNew: [Bool], weights: Column<Float>? = nil, sharing base: ItemSearch? = nil) {
        let (newRows, soldRows) = (isNew.indices.filter { isNew[$0] }, isNew.indices.filter { !isNew[$0] })
        new = PrunedSearch(factors, rows: newRows, weights: weights)
        if let base, base.sold.count == soldRows.count {
            sold = base.sold
        } else {
            sold = PrunedSearch(factors, rows: soldRows, weights: weights)
        }
    }

    /// The `count` items with the largest scores, best first.
    func largest(
        _ count: Int, query: [Float], in factors: DenseMatrix, where isOpen: (Int) -> Bool
    ) -> [ScoredRow] {
        let found = sold.largest(count, query: query, in: factors, where: isOpen)
        let floor = found.count == count ? found.last?.score ?? -.infinity : -.infinity
        let others = new.largest(count, query: query, in: factors, atLeast: floor, where: isOpen)
        return Array((found + others).sorted(by: ScoredRow.isBefore).prefix(count))
    }
}
