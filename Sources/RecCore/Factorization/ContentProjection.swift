// From features to factors: what an item's attributes say about its place among the factors.

/// The ridge regression of item factors on item features, B: features x d.
///
///     B = argmin sum_i n_i |h_i - B' g_i|^2 + ridge |B|^2
///
/// over the items with events, n_i being the item's confidence; the mean of item i's prior is B'g_i (Agarwal and Chen,
/// Regression-based Latent Factor Models, KDD 2009).
public struct ContentProjection: Sendable {
    /// features x d.
    public let matrix: DenseMatrix
    /// A projection that is known already, features x d.
    public init(matrix: DenseMatrix) { self.matrix = matrix }

    /// Solves by conjugate gradients on all d right-hand sides at once.
    /// - Complexity: O(iterations * features of all items * d).
    /// - Parameters:
    ///   - features: rows x features.
    ///   - factors: rows x d.
    ///   - weights: n_i; rows of weight 0 do not take part.
    ///   - ridge: lambda of the penalty on the projection.
    ///   - iterations: steps of conjugate gradients at most.
    ///   - start: where the iteration begins, such as the fit of the sweep before; `nil` = zero.
    public static func fit(
        _ features: InteractionMatrix, factors: DenseMatrix, weights: [Float], ridge: Float = 5, iterations: Int = 30,
        start: ContentProjection? = nil
    ) -> ContentProjection {
        let g = features
        let d = factors.columns
        let count = g.columns
        let turned = g.transposed()
        // G'N of rows x d: features x d, each feature summed in the order of rows.
        func gathered(_ rows: ColumnBuffer<Float>, onto start: [Float]?) -> [Float] {
            let result = ColumnBuffer<Float>(count * d)
            forEachRange(count, grain: 64) { range in
                for feature in range {
                    let to = result.base + feature * d
                    for k in 0..<d { to[k] = start.map { $0[feature * d + k] * ridge } ?? 0 }
                    for entry in turned.range(of: feature) {
                        let row = Int(turned.indices[entry])
                        let value = turned.values[entry] * weights[row]
                        guard value != 0 else { continue }
                        let from = rows.base + row * d
                        for k in 0..<d { to[k] += value * from[k] }
                    }
                }
            }
            return Array(result.column)
        }
        // The normal equations' operator: X -> G'N(G X) + ridge X.
        let images = ColumnBuffer<Float>(g.rows * d)
        func applied(_ x: [Float]) -> [Float] {
            forEachRange(g.rows, grain: 512) { range in
                for row in range where weights[row] > 0 {
                    let to = images.base + row * d
                    for k in 0..<d { to[k] = 0 }
                    x.withUnsafeBufferPointer { x in
                        for entry in g.range(of: row) {
                            let value = g.values[entry]
                            let from = Int(g.indices[entry]) * d
                            for k in 0..<d { to[k] += value * x[from + k] }
                        }
                    }
                }
            }
            return gathered(images, onto: x)
        }
        images.write(Array(factors.elements), at: 0)
        var residual = gathered(images, onto: nil)
        func squares(_ x: [Float], _ y: [Float]) -> [Double] {
            var sums = [Double](repeating: 0, count: d)
            for feature in 0..<count {
                for k in 0..<d { sums[k] += Double(x[feature * d + k]) * Double(y[feature * d + k]) }
            }
            return sums
        }
        var solution = [Float](repeating: 0, count: count * d)
        let goal = squares(residual, residual)
        if let start, start.matrix.rows == count, start.matrix.columns == d {
            solution = Array(start.matrix.elements)
            for (place, value) in applied(solution).enumerated() { residual[place] -= value }
        }
        var direction = residual
        var norms = squares(residual, residual)
        for _ in 0..<iterations {
            guard zip(norms, goal).contains(where: { $0 > 1e-8 * $1 && $0 > 0 }) else { break }
            let image = applied(direction)
            let curvature = squares(direction, image)
            let steps = zip(norms, curvature).map { $1 > 0 ? Float($0 / $1) : 0 }
            for feature in 0..<count {
                for k in 0..<d {
                    solution[feature * d + k] += steps[k] * direction[feature * d + k]
                    residual[feature * d + k] -= steps[k] * image[feature * d + k]
                }
            }
            let next = squares(residual, residual)
            for feature in 0..<count {
                for k in 0..<d {
                    let ratio = norms[k] > 0 ? Float(next[k] / norms[k]) : 0
                    direction[feature * d + k] = residual[feature * d + k] + ratio * direction[feature * d + k]
                }
            }
            norms = next
        }
        return ContentProjection(matrix: DenseMatrix(rows: count, columns: d, solution))
    }

    /// B'g of every row of features: rows x d.
    func factors(_ features: InteractionMatrix) -> DenseMatrix {
        let d = matrix.columns
        var result = [Float](repeating: 0, count: features.rows * d)
        for row in 0..<features.rows {
            for entry in features.range(of: row) {
                let (value, from) = (features.values[entry], Int(features.indices[entry]) * d)
                for k in 0..<d { result[row * d + k] += value * matrix.elements[from + k] }
            }
        }
        return DenseMatrix(rows: features.rows, columns: d, result)
    }
}
