// The best k of scored rows.

/// A row of a matrix and what it scored.
public struct ScoredRow: Sendable, Hashable {
    /// The row's number.
    public let row: Int
    /// What lists are ordered by.
    public let score: Float
    /// Takes any score; a ``TopK`` never takes NaN.
    public init(row: Int, score: Float) { (self.row, self.score) = (row, score) }

    /// The order of every list: higher score first, equal scores by lower row.
    public static func isBefore(_ a: ScoredRow, _ b: ScoredRow) -> Bool {
        a.score != b.score ? a.score > b.score : a.row < b.row
    }
}

/// Keeps the best `capacity` rows of those offered. - Complexity: O(log capacity) for an offer that enters, O(1) else.
public struct TopK: Sendable {
    /// Rows kept at most.
    public let capacity: Int
    /// A binary heap whose root is the worst row kept.
    private var heap: [ScoredRow] = []

    /// An empty selection; a capacity below 0 keeps nothing.
    public init(capacity: Int) {
        self.capacity = max(0, capacity)
        // A caller may ask for all there is by a number far above it; for room of more bytes than an Int tells, Swift takes too little.
        heap.reserveCapacity(min(self.capacity, 1 << 12))
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
            heap.withUnsafeMutableBufferPointer { Self.sink(candidate, in: $0) }
        }
    }

    /// Rows kept, in no order.
    var rows: some Sequence<Int> { heap.lazy.map(\.row) }

    /// Best first. - Complexity: O(k log k).
    public func sorted() -> [ScoredRow] {
        var rows = heap
        rows.withUnsafeMutableBufferPointer { rows in
            // The worst of what is left goes to its end.
            for end in stride(from: rows.count - 1, to: 0, by: -1) {
                let moved = rows[end]
                rows[end] = rows[0]
                Self.sink(moved, in: UnsafeMutableBufferPointer(rebasing: rows[..<end]))
            }
        }
        return rows
    }

    /// Puts a row into the root's place and lets it sink: worse rows move up until its own is found.
    @inline(__always)
    private static func sink(_ candidate: ScoredRow, in heap: UnsafeMutableBufferPointer<ScoredRow>) {
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
