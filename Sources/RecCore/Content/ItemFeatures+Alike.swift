// Items described most like one of them.

extension ItemFeatures {
    /// The `count` items whose features have the largest cosine with those of an item, best first; without the item itself, and
    /// none that shares no feature.
    /// - Complexity: O(entries): a few milliseconds for 100,000 items.
    func alike(_ item: Int, count: Int, where isOpen: (Int) -> Bool) -> [ScoredRow] {
        guard item >= 0, item < matrix.rows else { return [] }
        var query = [Float](repeating: 0, count: matrix.columns)
        for entry in matrix.range(of: item) { query[Int(matrix.indices[entry])] = matrix.values[entry] }
        var best = TopK(capacity: count)
        matrix.indices.withUnsafeBufferPointer { indices in
            matrix.values.withUnsafeBufferPointer { values in
                for row in 0..<matrix.rows where row != item {
                    var sum: Float = 0
                    for entry in matrix.range(of: row) { sum += values[entry] * query[Int(indices[entry])] }
                    if sum > 0, isOpen(row) { best.offer(ScoredRow(row: row, score: sum)) }
                }
            }
        }
        return best.sorted()
    }
}
