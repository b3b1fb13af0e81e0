// Sparse rows of bounded length, written by workers where they end up.

/// Room for `capacity` entries a row, of which rows use what they need; the room that nobody touches costs nothing, and the rows
/// move together in the end without a second copy.
final class RowSlots: Sendable {
    private let rows: Int
    private let capacity: Int
    private let indices: ColumnBuffer<Int32>
    private let values: ColumnBuffer<Float>
    private let others: ColumnBuffer<Float>
    private let lengths: ColumnBuffer<Int>

    init(rows: Int, capacity: Int) {
        (self.rows, self.capacity) = (rows, capacity)
        (indices, values) = (ColumnBuffer(rows * capacity), ColumnBuffer(rows * capacity))
        (others, lengths) = (ColumnBuffer(rows * capacity), ColumnBuffer(rows))
        lengths.base.initialize(repeating: 0, count: rows)
    }

    /// Writes a row; each is written once, by one worker.
    func put(_ row: Int, _ entries: [(index: Int32, value: Float, other: Float)]) {
        precondition(row >= 0 && row < rows && entries.count <= capacity, "\(entries.count) entries for \(capacity)")
        for (place, entry) in entries.enumerated() {
            indices.base[row * capacity + place] = entry.index
            values.base[row * capacity + place] = entry.value
            others.base[row * capacity + place] = entry.other
        }
        lengths.base[row] = entries.count
    }

    /// All rows, when every worker is done, and the second value of each entry.
    func matrix(columns: Int) -> (matrix: InteractionMatrix, others: Column<Float>) {
        var offsets: [Int64] = [0]
        offsets.reserveCapacity(rows + 1)
        for row in 0..<rows {
            let (from, to, length) = (row * capacity, Int(offsets[row]), lengths.base[row])
            // Never to the right: the rows before are at most as long as their room.
            if from != to {
                (indices.base + to).update(from: indices.base + from, count: length)
                (values.base + to).update(from: values.base + from, count: length)
                (others.base + to).update(from: others.base + from, count: length)
            }
            offsets.append(Int64(to + length))
        }
        let total = Int(offsets[rows])
        return (
            InteractionMatrix(
                rows: rows, columns: columns, offsets: Column(offsets), indices: indices.column(total),
                values: values.column(total)), others.column(total)
        )
    }
}
