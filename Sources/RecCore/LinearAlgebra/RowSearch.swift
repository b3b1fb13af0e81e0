// Exact top-k of a matrix-vector product, selected while the rows are scored.

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

extension DenseMatrix {
    /// The `count` rows with the largest inner product with `query` (times `scale` of the row, where given), best first.
    ///
    /// Exact: every row is scored, in blocks of 1,024 whose scores are compared with the worst row kept so far.
    /// - Parameter isEligible: asked only of rows that would enter; rows it refuses never take a place.
    /// - Complexity: O(rows * columns).
    package func largest(
        _ count: Int, query: [Float], scale: Column<Float>? = nil, where isEligible: (Int) -> Bool = { _ in true }
    ) -> [ScoredRow] {
        precondition(query.count == columns, "\(query.count) elements for \(columns) columns")
        precondition(scale.map { $0.count == rows } ?? true, "the scale does not have \(rows) rows")
        var best = TopK(capacity: min(count, rows))
        let block = 1024
        var scores = [Float](repeating: 0, count: min(block, rows))
        elements.withUnsafeBufferPointer { all in
            guard let base = all.baseAddress else { return }
            var start = 0
            while start < rows {
                let size = min(block, rows - start)
                BLAS.multiply(base + start * columns, vector: query, into: &scores, m: size, n: columns)
                if let scale {
                    for offset in 0..<size { scores[offset] *= scale[start + offset] }
                }
                for offset in 0..<size where scores[offset] >= best.threshold {
                    if isEligible(start + offset) { best.offer(ScoredRow(row: start + offset, score: scores[offset])) }
                }
                start += size
            }
        }
        return best.sorted()
    }

    /// 1 / length of each row; 0 for a row of zeros.
    package func inverseNorms() -> Column<Float> {
        Column(
            (0..<rows).map { row in
                let own = self[row: row]
                let square = own.reduce(0.0) { $0 + Double($1) * Double($1) }
                return square > 0 ? Float(1 / square.squareRoot()) : 0
            })
    }

    /// The same matrix with some rows replaced. - Complexity: O(rows * columns) copied.
    package func replacing(_ rows: [Int: [Float]]) -> DenseMatrix {
        guard !rows.isEmpty else { return self }
        var pieces: [Column<Float>.SubSequence] = []
        var copied = 0
        for (row, values) in rows.sorted(by: { $0.key < $1.key }) {
            precondition(values.count == columns && row >= 0 && row < self.rows)
            pieces += [elements[copied..<(row * columns)], Column(values)[...]]
            copied = (row + 1) * columns
        }
        pieces.append(elements[copied...])
        return DenseMatrix(rows: self.rows, columns: columns, elements: Column(joining: pieces))
    }
}
