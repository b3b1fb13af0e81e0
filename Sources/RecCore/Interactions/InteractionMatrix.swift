// Users x items, compressed by row: who did what, how much, and when last.

/// A sparse matrix in compressed rows. Offsets are 64 bits wide: more than 2^31 entries are fine.
public struct InteractionMatrix: Sendable {
    public let rows: Int
    public let columns: Int
    /// rows + 1 offsets into the entries.
    public let offsets: Column<Int64>
    /// Column of each entry, ascending inside a row.
    public let indices: Column<Int32>
    /// Confidence of each entry, above zero.
    public let values: Column<Float>

    /// A matrix without entries.
    public static func empty(rows: Int, columns: Int) -> InteractionMatrix {
        InteractionMatrix(
            rows: rows, columns: columns, offsets: Column(Array(repeating: 0, count: rows + 1)), indices: Column([]),
            values: Column([]))
    }

    public var entryCount: Int { indices.count }

    public init(rows: Int, columns: Int, offsets: Column<Int64>, indices: Column<Int32>, values: Column<Float>) {
        precondition(offsets.count == rows + 1, "\(offsets.count) offsets for \(rows) rows")
        precondition(indices.count == values.count, "\(indices.count) indices, \(values.count) values")
        (self.rows, self.columns) = (rows, columns)
        (self.offsets, self.indices, self.values) = (offsets, indices, values)
    }

    public func range(of row: Int) -> Range<Int> { Int(offsets[row])..<Int(offsets[row + 1]) }

    /// The same entries by column. - Complexity: O(rows + columns + entries).
    public func transposed() -> InteractionMatrix {
        var starts = [Int64](repeating: 0, count: columns + 1)
        for column in indices { starts[Int(column) + 1] += 1 }
        for column in 0..<columns { starts[column + 1] += starts[column] }
        var next = starts
        var turned = [Int32](repeating: 0, count: entryCount)
        var turnedValues = [Float](repeating: 0, count: entryCount)
        for row in 0..<rows {
            for entry in range(of: row) {
                let column = Int(indices[entry])
                let place = Int(next[column])
                next[column] += 1
                turned[place] = Int32(row)
                turnedValues[place] = values[entry]
            }
        }
        return InteractionMatrix(
            rows: columns, columns: rows, offsets: Column(starts), indices: Column(turned), values: Column(turnedValues)
        )
    }
}
