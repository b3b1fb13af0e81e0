// Weighted sums of sparse rows.

/// A value for every column, and which columns were reached.
public struct SparseSums: Sendable {
    private let values: [Float]
    public let touched: [Int32]

    init(values: [Float], touched: [Int32]) { (self.values, self.touched) = (values, touched) }

    /// 0 for a column that no row of the sum has.
    public subscript(column: Int) -> Float { column < values.count ? values[column] : 0 }
}

extension InteractionMatrix {
    /// The sum of some rows, each times its weight. - Complexity: O(columns + entries of these rows).
    package func sum(_ rows: [(row: Int, weight: Float)]) -> SparseSums {
        guard !rows.isEmpty else { return SparseSums(values: [], touched: []) }
        var sums = [Float](repeating: 0, count: columns)
        var touched: [Int32] = []
        indices.withUnsafeBufferPointer { indices in
            values.withUnsafeBufferPointer { values in
                for (row, weight) in rows {
                    for entry in range(of: row) {
                        let column = indices[entry]
                        if sums[Int(column)] == 0 { touched.append(column) }
                        sums[Int(column)] += weight * values[entry]
                    }
                }
            }
        }
        return SparseSums(values: sums, touched: touched)
    }
}
