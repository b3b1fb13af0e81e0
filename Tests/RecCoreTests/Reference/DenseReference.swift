// Slow, obvious twins: dense linear algebra in Float64.
import RecCore

enum DenseReference {
    /// Solves A x = b by Gauss elimination with pivoting.
    static func solve(_ matrix: [[Double]], _ right: [Double]) -> [Double] {
        var a = matrix
        var b = right
        let n = b.count
        for column in 0..<n {
            let pivot = (column..<n).max { abs(a[$0][column]) < abs(a[$1][column]) } ?? column
            a.swapAt(column, pivot)
            b.swapAt(column, pivot)
            for row in 0..<n where row != column {
                let factor = a[row][column] / a[column][column]
                for k in column..<n { a[row][k] -= factor * a[column][k] }
                b[row] -= factor * b[column]
            }
        }
        return (0..<n).map { b[$0] / a[$0][$0] }
    }

    /// The user of the iALS objective against fixed items, straight from its normal equations.
    static func foldIn(
        items: [[Float]], entries: [Int], confidences: [Double], unobserved: Double, regularization: Double,
        prior: [Double]? = nil
    ) -> [Double] {
        let d = items[0].count
        var a = [[Double]](repeating: [Double](repeating: 0, count: d), count: d)
        var b = [Double](repeating: 0, count: d)
        func add(_ row: [Float], _ weight: Double) {
            for i in 0..<d { for j in 0..<d { a[i][j] += weight * Double(row[i]) * Double(row[j]) } }
        }
        for row in items { add(row, unobserved) }
        for (entry, confidence) in zip(entries, confidences) {
            add(items[entry], confidence)
            for i in 0..<d { b[i] += confidence * Double(items[entry][i]) }
        }
        for i in 0..<d {
            a[i][i] += regularization
            b[i] += regularization * (prior?[i] ?? 0)
        }
        return solve(a, b)
    }
}
