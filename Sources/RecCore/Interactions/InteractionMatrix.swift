// Users x items, compressed by row: who did what, how much, and when last.

/// A sparse matrix in compressed rows. Offsets are 64 bits wide: more than 2^31 entries are fine.
public struct InteractionMatrix: Sendable {
    /// How many rows, empty ones included.
    public let rows: Int
    /// How many columns, empty ones included.
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

    /// Entries that are stored; all others are 0.
    public var entryCount: Int { indices.count }

    /// Takes compressed rows as they are; that columns ascend inside each row is for the caller to see to.
    /// - Precondition: rows + 1 offsets, and as many values as indices.
    public init(rows: Int, columns: Int, offsets: Column<Int64>, indices: Column<Int32>, values: Column<Float>) {
        precondition(offsets.count == rows + 1, "\(offsets.count) offsets for \(rows) rows")
        precondition(indices.count == values.count, "\(indices.count) indices, \(values.count) values")
        (self.rows, self.columns) = (rows, columns)
        (self.offsets, self.indices, self.values) = (offsets, indices, values)
    }

    /// Where the entries of a row stand in ``indices`` and ``values``.
    public func range(of row: Int) -> Range<Int> { Int(offsets[row])..<Int(offsets[row + 1]) }

    /// The same entries by column. - Complexity: O(rows + columns + entries).
    public func transposed() -> InteractionMatrix {
        var starts = [Int64](repeating: 0, count: columns + 1)
        for column in indices { starts[Int(column) + 1] += 1 }
        for column in 0..<columns { starts[column + 1] += starts[column] }
        var next = starts
        let turned = ColumnBuffer<Int32>(entryCount)
        let turnedValues = ColumnBuffer<Float>(entryCount)
        for row in 0..<rows {
            for entry in range(of: row) {
                let column = Int(indices[entry])
                let place = Int(next[column])
                next[column] += 1
                turned.base[place] = Int32(row)
                turnedValues.base[place] = values[entry]
            }
        }
        return InteractionMatrix(
            rows: columns, columns: rows, offsets: Column(starts), indices: turned.column, values: turnedValues.column)
    }
}

extension InteractionMatrix {
    /// The same matrix with other entries in some rows, and perhaps larger; rows behind the old ones are empty unless `changed`
    /// has them.
    /// - Parameters:
    ///   - changed: all entries of a row, columns ascending and below `columns`.
    ///   - rows: at least the old number, and above every row of `changed`.
    /// - Complexity: O(rows) when `changed` is empty, the entries are shared then; else O(rows + entries) copied.
    func replacing(
        _ changed: [Int: [(column: Int32, value: Float)]], rows: Int, columns: Int
    ) -> InteractionMatrix {
        precondition(rows >= self.rows && columns >= self.columns, "\(rows) x \(columns) is less than before")
        guard !changed.isEmpty else {
            return InteractionMatrix(
                rows: rows, columns: columns, offsets: offsets.padded(to: rows + 1, with: Int64(entryCount)),
                indices: indices, values: values)
        }
        var starts = Array(offsets.padded(to: rows + 1, with: Int64(entryCount)))
        var newIndices: [Column<Int32>.SubSequence] = []
        var newValues: [Column<Float>.SubSequence] = []
        var copied = 0
        var shift: Int64 = 0
        var next = 0
        for row in changed.keys.sorted() {
            let entries = changed[row] ?? []
            for moved in next..<row { starts[moved + 1] += shift }
            let old = row < self.rows ? range(of: row) : entryCount..<entryCount
            newIndices += [indices[copied..<old.lowerBound], Column(entries.map(\.column))[...]]
            newValues += [values[copied..<old.lowerBound], Column(entries.map(\.value))[...]]
            copied = old.upperBound
            shift += Int64(entries.count - old.count)
            starts[row + 1] += shift
            next = row + 1
        }
        for moved in next..<rows { starts[moved + 1] += shift }
        newIndices.append(indices[copied...])
        newValues.append(values[copied...])
        return InteractionMatrix(
            rows: rows, columns: columns, offsets: Column(starts), indices: Column(joining: newIndices),
            values: Column(joining: newValues))
    }

    /// Items x items with more items, whose rows and columns are empty. - Complexity: O(items); the entries are shared.
    func growing(to items: Int) -> InteractionMatrix { replacing([:], rows: items, columns: items) }
}
