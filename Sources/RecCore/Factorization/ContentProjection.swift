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
    public init(matrix: DenseMatrix) { self.matrix = matrix }

    /// Solves by conjugate gradients on all d right-hand sides at once.
    /// - Complexity: O(iterations * features of all items * d).
    /// - Parameters:
    ///   - features: rows x features.
    ///   - factors: rows x d.
    ///   - weights: n_i; rows of weight 0 do not take part.
    ///   - start: where the iteration begins, such as the fit of the sweep before; `nil` = zero.
    public static func fit(
        _ features: InteractionMatrix, factors: DenseMatrix, weights: [Float], ridge: Float = 5, iterations: Int = 30,
        start: ContentProjection? = nil
    ) -> ContentProjection {
        let g = features
        let d = factors.columns
        let count = g.columns
        let used = (0..<g.rows).filter { weights[$0] > 0 && !g.range(of: $0).isEmpty }
        // The normal equations' operator: X -> G'N(G X) + ridge X.
        func applied(_ x: [Float]) -> [Float] {
            var result = x.map { $0 * ridge }
            var image = [Float](repeating: 0, count: d)
            for row in used {
                for k in 0..<d { image[k] = 0 }
                for entry in g.range(of: row) {
                    let value = g.values[entry]
                    let from = Int(g.indices[entry]) * d
                    for k in 0..<d { image[k] += value * x[from + k] }
                }
                for entry in g.range(of: row) {
                    let value = g.values[entry] * weights[row]
                    let to = Int(g.indices[entry]) * d
                    for k in 0..<d { result[to + k] += value * image[k] }
                }
            }
            return result
        }
        var residual = [Float](repeating: 0, count: count * d)
        for row in used {
            let target = factors[row: row]
            for entry in g.range(of: row) {
                let value = g.values[entry] * weights[row]
                let to = Int(g.indices[entry]) * d
                for k in 0..<d { residual[to + k] += value * target[k] }
            }
        }
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
