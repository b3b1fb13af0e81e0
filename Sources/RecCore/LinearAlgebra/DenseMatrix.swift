// Dense matrices, row-major Float32.

/// An immutable matrix, rows x columns, row-major. Copying shares the elements.
public struct DenseMatrix: Sendable {
    /// How many rows.
    public let rows: Int
    /// How many columns.
    public let columns: Int
    let elements: Column<Float>

    /// - Precondition: rows * columns elements, row by row.
    public init(rows: Int, columns: Int, elements: Column<Float>) {
        precondition(elements.count == rows * columns, "\(elements.count) elements for \(rows) x \(columns)")
        (self.rows, self.columns, self.elements) = (rows, columns, elements)
    }

    /// Copies the elements.
    /// - Precondition: rows * columns elements, row by row.
    public init(rows: Int, columns: Int, _ elements: [Float]) {
        self.init(rows: rows, columns: columns, elements: Column(elements))
    }

    /// A copy of one row.
    public subscript(row row: Int) -> [Float] {
        precondition(row >= 0 && row < rows, "row \(row) outside 0..<\(rows)")
        return Array(elements[(row * columns)..<((row + 1) * columns)])
    }

    @inline(__always)
    func withRow<R>(_ row: Int, _ body: (UnsafeBufferPointer<Float>) -> R) -> R {
        precondition(row >= 0 && row < rows, "row \(row) outside 0..<\(rows)")
        return elements.withUnsafeBufferPointer {
            body(UnsafeBufferPointer(rebasing: $0[(row * columns)..<((row + 1) * columns)]))
        }
    }

    func elementsOfRow(_ row: Int) -> Column<Float>.SubSequence { elements[(row * columns)..<((row + 1) * columns)] }

    /// Independent normal numbers, the same for the same seed on every machine.
    public static func normal(rows: Int, columns: Int, deviation: Float, seed: UInt64) -> DenseMatrix {
        var generator = SplitMix64(seed: seed)
        let elements = Column<Float>(rows * columns) { buffer in
            for index in buffer.indices { buffer.initializeElement(at: index, to: deviation * generator.nextNormal()) }
        }
        return DenseMatrix(rows: rows, columns: columns, elements: elements)
    }

    /// Whether no element is infinite or not a number. - Complexity: O(rows * columns).
    public var isFinite: Bool { elements.areFinite }
}

extension DenseMatrix {
    /// The same matrix with rows of zeros behind the old ones. - Complexity: O(rows * columns) copied.
    func padded(rows: Int) -> DenseMatrix {
        precondition(rows >= self.rows, "\(rows) rows are fewer than \(self.rows)")
        return DenseMatrix(rows: rows, columns: columns, elements: elements.padded(to: rows * columns, with: 0))
    }

    /// The same matrix with columns of zeros behind the old ones. - Complexity: O(rows * columns) copied.
    func padded(columns: Int) -> DenseMatrix {
        precondition(columns >= self.columns, "\(columns) columns are fewer than \(self.columns)")
        guard columns > self.columns else { return self }
        let zeros = Column(Array(repeating: Float(0), count: columns - self.columns))[...]
        let pieces = (0..<rows).flatMap { [elements[($0 * self.columns)..<(($0 + 1) * self.columns)], zeros] }
        return DenseMatrix(rows: rows, columns: columns, elements: Column(joining: pieces))
    }
}

extension DenseMatrix {
    /// 1 / length of each row; 0 for a row of zeros.
    func inverseNorms() -> Column<Float> {
        Column(
            (0..<rows).map { row in
                let own = self[row: row]
                let square = own.reduce(0.0) { $0 + Double($1) * Double($1) }
                return square > 0 ? Float(1 / square.squareRoot()) : 0
            })
    }

    /// The same matrix with some rows replaced. - Complexity: O(rows * columns) copied.
    func replacing(_ rows: [Int: [Float]]) -> DenseMatrix {
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
