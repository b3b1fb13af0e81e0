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

    /// All rows in the order of their ranges, and the second values.
    func matrix(rows: Int, columns: Int) -> (matrix: InteractionMatrix, others: [Float]) {
        parts.withLock { parts in
            var offsets: [Int64] = [0]
            var indices: [Int32] = []
            var values: [Float] = []
            var others: [Float] = []
            for part in parts {
                guard let part else { continue }
                for length in part.lengths { offsets.append((offsets.last ?? 0) + Int64(length)) }
                indices += part.indices
                values += part.values
                others += part.others
            }
            return (
                InteractionMatrix(
                    rows: rows, columns: columns, offsets: Column(offsets), indices: Column(indices),
                    values: Column(values)), others
            )
        }
    }
}
