// Products of whole matrices, spread over cores by rows.

extension DenseMatrix {
    /// A'A, d x d with both triangles, row-major. Summed in Float64 over blocks of 4,096 rows, the same on any number of cores.
    /// - Complexity: O(rows * columns^2).
    func gram() -> [Float] {
        let d = columns
        let grain = 4096
        let blocks = (rows + grain - 1) / grain
        let parts = Column<Float>(max(1, blocks) * d * d) { buffer in
            buffer.initialize(repeating: 0)
            guard let base = buffer.baseAddress else { return }
            let output = DisjointRows(base: base)
            elements.withUnsafeBufferPointer { all in
                guard let start = all.baseAddress else { return }
                let input = DisjointRows(base: UnsafeMutablePointer(mutating: start))
                forEachRange(rows, grain: grain) { range in
                    BLAS.gram(
                        input.base + range.lowerBound * d, into: output.base + range.lowerBound / grain * d * d, n: d,
                        k: range.count, rows: false)
                }
            }
        }
        var total = [Double](repeating: 0, count: d * d)
        for block in 0..<blocks {
            for index in 0..<(d * d) { total[index] += Double(parts[block * d * d + index]) }
        }
        var result = [Float](repeating: 0, count: d * d)
        for i in 0..<d {
            for j in i..<d {
                result[i * d + j] = Float(total[i * d + j])
                result[j * d + i] = Float(total[i * d + j])
            }
        }
        return result
    }

    /// A B', rows x (rows of B).
    func multipliedByTransposed(_ other: DenseMatrix) -> DenseMatrix {
        precondition(columns == other.columns, "\(columns) and \(other.columns) columns")
        return product(columns: other.rows, with: other) { a, b, c, m, n, k in
            BLAS.multiplyTransposed(a, b, into: c, m: m, n: n, k: k)
        }
    }

    /// A B, rows x (columns of B).
    func multiplied(by other: DenseMatrix) -> DenseMatrix {
        precondition(columns == other.rows, "\(columns) columns, \(other.rows) rows")
        return product(columns: other.columns, with: other) { a, b, c, m, n, k in
            BLAS.multiply(a, b, into: c, m: m, n: n, k: k)
        }
    }

    private func product(
        columns width: Int, with other: DenseMatrix,
        _ kernel:
            @escaping @Sendable (
                UnsafePointer<Float>, UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int, Int, Int
            ) -> Void
    ) -> DenseMatrix {
        let k = columns
        let result = Column<Float>(rows * width) { buffer in
            guard let base = buffer.baseAddress else { return }
            let output = DisjointRows(base: base)
            elements.withUnsafeBufferPointer { left in
                other.elements.withUnsafeBufferPointer { right in
                    guard let a = left.baseAddress, let b = right.baseAddress else {
                        buffer.initialize(repeating: 0)
                        return
                    }
                    let input = DisjointRows(base: UnsafeMutablePointer(mutating: a))
                    let factor = DisjointRows(base: UnsafeMutablePointer(mutating: b))
                    forEachRange(rows, grain: 1024) { range in
                        kernel(
                            input.base + range.lowerBound * k, factor.base, output.base + range.lowerBound * width,
                            range.count,
                            width, k)
                    }
                }
            }
        }
        return DenseMatrix(rows: rows, columns: width, elements: result)
    }

    /// A x.
    func multiplied(byVector vector: [Float]) -> [Float] {
        precondition(vector.count == columns, "\(vector.count) elements for \(columns) columns")
        var result = [Float](repeating: 0, count: rows)
        elements.withUnsafeBufferPointer { all in
            guard let base = all.baseAddress else { return }
            BLAS.multiply(base, vector: vector, into: &result, m: rows, n: columns)
        }
        return result
    }

    /// Inner product of two rows.
    func dot(row: Int, with other: DenseMatrix, row otherRow: Int) -> Float {
        var sum: Float = 0
        elements.withUnsafeBufferPointer { mine in
            other.elements.withUnsafeBufferPointer { theirs in
                let (from, to) = (row * columns, otherRow * columns)
                for k in 0..<columns { sum += mine[from + k] * theirs[to + k] }
            }
        }
        return sum
    }

    /// Each row times the root of its share: the Gram matrix of the result is F'BF.
    func scaledRows(by shares: Column<Float>) -> DenseMatrix {
        precondition(shares.count == rows, "\(shares.count) shares for \(rows) rows")
        let scaled = Column<Float>(elements.count) { buffer in
            for row in 0..<rows {
                let root = max(0, shares[row]).squareRoot()
                for k in (row * columns)..<((row + 1) * columns) {
                    buffer.initializeElement(at: k, to: elements[k] * root)
                }
            }
        }
        return DenseMatrix(rows: rows, columns: columns, elements: scaled)
    }

    /// The mean of the rows.
    func columnMeans() -> [Double] {
        var sums = [Double](repeating: 0, count: columns)
        elements.withUnsafeBufferPointer { all in
            for row in 0..<rows {
                for k in 0..<columns { sums[k] += Double(all[row * columns + k]) }
            }
        }
        return sums.map { $0 / Double(max(1, rows)) }
    }

    /// The inner product of a row with a vector.
    func dot(row: Int, _ vector: [Float]) -> Float {
        precondition(
            row >= 0 && row < rows && vector.count == columns, "row \(row) of \(rows), \(vector.count) elements")
        return elements.withUnsafeBufferPointer { all in
            vector.withUnsafeBufferPointer { vector in
                var sums = SIMD8<Float>()
                let from = row * columns
                var k = 0
                while k + 8 <= columns {
                    var a = SIMD8<Float>()
                    var b = SIMD8<Float>()
                    for lane in 0..<8 {
                        a[lane] = all[from + k + lane]
                        b[lane] = vector[k + lane]
                    }
                    sums += a * b
                    k += 8
                }
                var sum = sums.sum()
                while k < columns {
                    sum += all[from + k] * vector[k]
                    k += 1
                }
                return sum
            }
        }
    }
}
