// The best k of scored rows.

/// A row of a matrix and what it scored.
public struct ScoredRow: Sendable, Hashable {
    public let row: Int
    public let score: Float
    public init(row: Int, score: Float) { (self.row, self.score) = (row, score) }

    /// The order of every list: higher score first, equal scores by lower row.
    public static func isBefore(_ a: ScoredRow, _ b: ScoredRow) -> Bool {
        a.score != b.score ? a.score > b.score : a.row < b.row
    }
}

/// Keeps the best `capacity` rows of those offered. - Complexity: O(log capacity) for an offer that enters, O(1) else.
public struct TopK: Sendable {
    public let capacity: Int
    /// A binary heap whose root is the worst row kept.
    private var heap: [ScoredRow] = []

    public init(capacity: Int) {
        self.capacity = max(0, capacity)
        heap.reserveCapacity(self.capacity)
    }

    /// Scores below this cannot enter any more.
    @inline(__always) var threshold: Float { heap.count < capacity ? -.infinity : (heap.first?.score ?? .infinity) }

    /// Offers a row; a NaN is never taken.
    public mutating func offer(_ candidate: ScoredRow) {
        guard !candidate.score.isNaN, capacity > 0 else { return }
        if heap.count < capacity {
            heap.append(candidate)
            var child = heap.count - 1
            while child > 0, ScoredRow.isBefore(heap[(child - 1) / 2], heap[child]) {
                heap.swapAt(child, (child - 1) / 2)
                child = (child - 1) / 2
            }
        } else if ScoredRow.isBefore(candidate, heap[0]) {
            heap.withUnsafeMutableBufferPointer { heap in
                // Worse rows move up until the candidate's place is found.
                var hole = 0
                while true {
                    var child = 2 &* hole &+ 1
                    if child >= heap.count { break }
                    if child &+ 1 < heap.count, ScoredRow.isBefore(heap[child], heap[child &+ 1]) { child &+= 1 }
                    guard ScoredRow.isBefore(candidate, heap[child]) else { break }
                    heap[hole] = heap[child]
                    hole = child
                }
                heap[hole] = candidate
            }
        }
    }

    /// Rows kept, in no order.
    var rows: some Sequence<Int> { heap.lazy.map(\.row) }

    /// Best first.
    public func sorted() -> [ScoredRow] { heap.sorted(by: ScoredRow.isBefore) }
}
