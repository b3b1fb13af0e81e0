// Factors while they are trained: rows that are solved, and turned into another basis, where they stand.

/// A matrix of rows x d whose rows workers write in turns; one copy is all there ever is of a million users' factors.
///
/// Its owner alone decides who writes when; ``view`` reads the same memory.
final class FactorRows: @unchecked Sendable {
    let rows: Int
    let columns: Int
    private let elements: ColumnBuffer<Float>
    private var base: UnsafeMutablePointer<Float> { elements.base }

    /// Zeros.
    init(rows: Int, columns: Int) {
        (self.rows, self.columns) = (rows, columns)
        elements = ColumnBuffer(rows * columns)
        elements.base.initialize(repeating: 0, count: rows * columns)
    }

    convenience init(copying matrix: DenseMatrix) {
        self.init(rows: matrix.rows, columns: matrix.columns)
        matrix.elements.withUnsafeBufferPointer { from in
            if let start = from.baseAddress { elements.base.update(from: start, count: from.count) }
        }
    }

    /// The rows as they are now. It follows later writes, so it is for the time between them, or for good when there are none.
    var view: DenseMatrix { DenseMatrix(rows: rows, columns: columns, elements: elements.column) }

    /// Each row x becomes Q x. - Parameter basis: Q, d x d.
    func turn(by basis: DenseMatrix) {
        let d = columns
        basis.elements.withUnsafeBufferPointer { turns in
            guard let turns = turns.baseAddress else { return }
            let factor = DisjointRows(base: UnsafeMutablePointer(mutating: turns))
            let grain = 1024
            forEachRange(rows, grain: grain) { range in
                let place = self.base + range.lowerBound * d
                withUnsafeTemporaryAllocation(of: Float.self, capacity: range.count * d) { turned in
                    guard let room = turned.baseAddress else { return }
                    BLAS.multiplyTransposed(place, factor.base, into: room, m: range.count, n: d, k: d)
                    place.update(from: room, count: range.count * d)
                }
            }
        }
    }

    /// Solves every row against fixed rows of the same basis, in place.
    /// - Parameters:
    ///   - shares: a_r / a0 of each row; `nil` = all 1.
    ///   - priors: Q'm_r, rows x d; `nil` = zero.
    /// - Returns: false when a number is not finite.
    /// - Complexity: O(entries * d * steps), or see ``WeightedLeastSquares`` for `.exact`; scratch O(d^2 + 2048 d) a worker.
    func solve(
        _ system: RowSystem, _ matrix: InteractionMatrix, shares: Column<Float>?, priors: DenseMatrix?,
        solver: RowSolver, regularization: @Sendable (_ confidenceSum: Double) -> Float
    ) -> Bool {
        precondition(matrix.rows == rows && matrix.columns == system.rotated.rows, "the matrix does not fit the rows")
        let d = columns
        let chunks = matrix.chunks(ofWork: 1 << 16)
        let isFinite = Column<UInt8>(chunks.count) { flags in
            flags.initialize(repeating: 0)
            guard let base = flags.baseAddress else { return }
            let output = DisjointRows(base: base)
            forEachRange(chunks.count, grain: 1) { range in
                for chunk in range {
                    let scratch = RowSystem.Scratch(dimension: d, solver: solver)
                    output.base[chunk] =
                        solve(
                            chunks[chunk], system, matrix, shares, priors, solver, scratch, regularization) ? 1 : 0
                }
            }
        }
        return isFinite.allSatisfy { $0 == 1 }
    }

    private func solve(
        _ chunk: Range<Int>, _ system: RowSystem, _ matrix: InteractionMatrix, _ shares: Column<Float>?,
        _ priors: DenseMatrix?, _ solver: RowSolver, _ scratch: RowSystem.Scratch,
        _ regularization: (Double) -> Float
    ) -> Bool {
        let d = columns
        matrix.indices.withUnsafeBufferPointer { indices in
            matrix.values.withUnsafeBufferPointer { values in
                (priors?.elements ?? Column()).withUnsafeBufferPointer { means in
                    for row in chunk {
                        let range = matrix.range(of: row)
                        let confidences = UnsafeBufferPointer(rebasing: values[range])
                        system.solve(
                            UnsafeBufferPointer(rebasing: indices[range]), confidences,
                            regularization: regularization(confidences.reduce(0.0) { $0 + Double($1) }),
                            common: shares?[row] ?? 1,
                            prior: priors == nil ? nil : means.baseAddress.map { $0 + row * d },
                            solver: solver, scratch: scratch, into: base + row * d)
                    }
                }
            }
        }
        // A number that is not finite makes the sum of its row's squares so too; so would factors beyond 1e18, which are none.
        return chunk.allSatisfy { row in BLAS.dot(base + row * d, base + row * d, n: d).isFinite }
    }
}

extension InteractionMatrix {
    /// Ranges of rows of about the same work, entries and rows together: a few heavy rows do not keep all others waiting, and the
    /// cut does not depend on the number of cores.
    func chunks(ofWork size: Int) -> [Range<Int>] {
        var chunks: [Range<Int>] = []
        var start = 0
        while start < rows {
            var end = start + 1
            let limit = Int(offsets[start]) + start * 16 + size
            while end < rows, Int(offsets[end + 1]) + (end + 1) * 16 <= limit { end += 1 }
            chunks.append(start..<end)
            start = end
        }
        return chunks
    }
}
