// Sparse rows made by workers, put together in order.
import Synchronization

/// Each worker hands in the rows of its range; the order of handing in does not matter.
final class Gathered: Sendable {
    typealias Part = (lengths: [Int], indices: [Int32], values: [Float])
    private let parts: Mutex<[Part?]>

    init(count: Int) { parts = Mutex(Array(repeating: nil, count: count)) }

    func put(_ number: Int, _ part: sending Part) {
        parts.withLock { $0[number] = part }
    }

    /// All rows in the order of their ranges, as a square matrix.
    func matrix(items: Int) -> InteractionMatrix {
        parts.withLock { parts in
            var offsets: [Int64] = [0]
            var indices: [Int32] = []
            var values: [Float] = []
            for part in parts {
                guard let part else { continue }
                for length in part.lengths { offsets.append((offsets.last ?? 0) + Int64(length)) }
                indices += part.indices
                values += part.values
            }
            return InteractionMatrix(
                rows: items, columns: items, offsets: Column(offsets), indices: Column(indices), values: Column(values))
        }
    }
}
