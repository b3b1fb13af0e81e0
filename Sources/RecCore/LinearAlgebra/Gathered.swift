// Sparse rows made by workers, put together in order.
import Synchronization

/// Each worker hands in the rows of its range; the order of handing in does not matter.
final class Gathered: Sendable {
    /// Some rows: how long each is, and its entries with one or two values each.
    struct Part: Sendable {
        var lengths: [Int] = []
        var indices: [Int32] = []
        var values: [Float] = []
        /// A second value of each entry, or nothing.
        var others: [Float] = []
    }
    private let parts: Mutex<[Part?]>

    init(count: Int) { parts = Mutex(Array(repeating: nil, count: count)) }

    func put(_ number: Int, _ part: Part) {
        parts.withLock { $0[number] = part }
    }

    /// All rows in the order of their ranges, and the second values. Parts are let go as they are copied; the matrix is made once.
    func matrix(rows: Int, columns: Int) -> (matrix: InteractionMatrix, others: Column<Float>) {
        parts.withLock { parts in
            var offsets: [Int64] = [0]
            offsets.reserveCapacity(rows + 1)
            for part in parts {
                for length in part?.lengths ?? [] { offsets.append((offsets.last ?? 0) + Int64(length)) }
            }
            let total = Int(offsets.last ?? 0)
            let hasOthers = parts.contains { !($0?.others.isEmpty ?? true) }
            let indices = ColumnBuffer<Int32>(total)
            let values = ColumnBuffer<Float>(total)
            let others = ColumnBuffer<Float>(hasOthers ? total : 0)
            var place = 0
            for number in parts.indices {
                guard let part = parts[number] else { continue }
                indices.write(part.indices, at: place)
                values.write(part.values, at: place)
                if hasOthers { others.write(part.others, at: place) }
                place += part.indices.count
                parts[number] = nil
            }
            return (
                InteractionMatrix(
                    rows: rows, columns: columns, offsets: Column(offsets), indices: indices.column,
                    values: values.column), others.column
            )
        }
    }
}
